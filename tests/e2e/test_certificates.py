"""Certificates of running programs: renewed before they end without a lost request, taken away from
a removed member and a removed hub within two seconds, their CA exchanged with an overlap."""
import pathlib
import ssl
import threading
import time

import harness
from harness import BIN, Case, until
from test_agent import Agent

LIFE = ("--cert-life", "1m")  # renewed after 30 to 33 s
PROMISE = 2.0 * harness.SLOW  # seconds within which a removed node's link is closed


class ShortRoot(harness.Root):
    def command(self):
        return super().command() + list(LIFE)


class Pings(threading.Thread):
    """Asks for one page over and over, a fresh connection each time; counts what went wrong."""

    def __init__(self, root, path):
        super().__init__(daemon=True)
        self.root, self.path, self.ended = root, path, threading.Event()
        self.good, self.bad = 0, []

    def run(self):
        while not self.ended.is_set():
            try:
                answer = self.root.get(self.path)
                if answer.status == 200:
                    self.good += 1
                else:
                    self.bad.append(f"{answer.status} {answer.body[:200]!r}")
            except OSError as e:
                self.bad.append(repr(e))
            self.ended.wait(0.02)

    def end(self):
        self.ended.set()
        self.join()


def member_of(case, hub, root, name):
    """Joined through Root, serving and linked."""
    node = case.world.node(name)
    node.cli("node", "join", "--code", hub.join_code()["code"], "--root", root.url, "--ca-fingerprint", root.pin)
    node.start()
    node.id = node.wait_connected()["node_id"]
    return node


def arrange_short_lives(cls):
    """Root, a hub and a member, whose certificates live a minute."""
    cls.root = ShortRoot(cls.world, "root", cls.world.folder / "root").start()
    cls.hub = cls.world.node("hub")
    cls.hub.extra = LIFE
    cls.hub.cli("dev", "root", "init", "--root", cls.root.url, "--token-file", cls.root.token_file,
                "--ca-fingerprint", cls.root.pin)
    cls.hub.start()
    cls.hub.subnet = cls.hub.status()["subnet_id"]
    until("the hub answers", lambda: cls.root.get(f"/hubs/{cls.hub.subnet}/api/ping").status == 200)
    cls.node = member_of(cls, cls.hub, cls.root, "member")


class Renewal(Case):
    @classmethod
    def arrange(cls):
        arrange_short_lives(cls)

    def test_certificates_of_a_minute_are_renewed_twice_and_no_request_is_lost(self):
        leaf = self.node.base / "keys" / "member_cert.pem"
        hub_leaf = self.hub.base / "keys" / "hub_cert.pem"
        server = lambda: ssl.get_server_certificate(("127.0.0.1", self.root.port))
        key = (self.node.base / "keys" / "member_private.pem").read_bytes()
        first = leaf.read_text(), hub_leaf.read_text(), server()
        pings = Pings(self.root, f"/hubs/{self.hub.subnet}/nodes/{self.node.id}/api/ping")
        pings.start()

        for _ in range(2):
            before = leaf.read_text()
            until("the member's certificate is renewed", lambda: leaf.read_text() != before, 50)
            until("its link is made with it", lambda: self.node.status()["link"]["phase"] == "connected")
        pings.end()

        self.assertEqual(pings.bad, [])
        self.assertGreater(pings.good, 200)
        self.assertNotEqual(hub_leaf.read_text(), first[1])
        self.assertNotEqual(server(), first[2])
        self.assertEqual((self.node.base / "keys" / "member_private.pem").read_bytes(), key)
        self.assertGreaterEqual(self.node.status()["link"]["connects"], 2)
        self.assertIn("certificate renewed", self.node.log.read_text())
        print(f"renewals: {pings.good} requests, {len(pings.bad)} lost")

    def test_a_life_that_makes_no_sense_is_refused(self):
        for program, words in (("adaos", ["api", "serve"]), ("adaos-root", ["serve"])):
            for option, values in (("--cert-life", ("59s", "366d", "soon")), ("--recovery-budget", ("59s", "3651d", "soon"))):
                for value in values:
                    done = self.world.run([BIN / program, *words, option, value, "--base-dir", self.world.folder / "none"])
                    self.assertFails(done, 2, "ADAOS-N005")
                    self.assertIn(option, done.err)


class Removal(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()

    def setUp(self):
        name = self.id().rsplit(".", 1)[-1]
        self.hub = self.world.registered_hub(self.root, f"hub-{name}")
        self.node = member_of(self, self.hub, self.root, f"member-{name}")

    def tearDown(self):
        for server in (self.node, self.hub):
            server.stop()

    def closed_after(self, server, field, began):
        def seen():
            token = {"X-AdaOS-Token": server.token}
            status = harness.request(server.url + "/api/node/status", headers=token).json()
            return status if status[field] is False and "ADAOS-T005" in status["cause"] else None
        status = until("the link is closed, and the node knows why", seen, 10, every=0.01)
        return time.monotonic() - began, status

    def test_a_removed_member_is_cut_off_within_two_seconds_and_comes_back_with_a_code(self):
        name = self.hub.member(self.node.id)["name"]
        began = time.monotonic()
        done = self.hub.cli("node", "delete", name, "--json").json()
        seconds, status = self.closed_after(self.node, "connected_to_hub", began)
        print(f"member cut off after {seconds:.3f} s, command included")
        self.assertLess(seconds, PROMISE)
        self.assertEqual((done["ok"], done["name"]), (True, name))
        self.assertEqual(status["link"]["last_error_id"], "ADAOS-T005")
        self.assertIsNone(self.hub.member(self.node.id))
        answer = self.root.get(f"/hubs/{self.hub.subnet}/nodes/{self.node.id}/api/ping")
        self.assertProblem(answer, 404, "ADAOS-R003")
        self.assertFails(self.hub.cli("node", "delete", name, expect=None), 3, "ADAOS-R003")
        self.node.stop()
        self.node.start()
        until("it is told why", lambda: "node_revoked" in (self.node.status()["cause"] or ""))

        self.node.cli("node", "join", "--code", self.hub.join_code()["code"], "--root", self.root.url,
                      "--ca-fingerprint", self.root.pin)

        self.node.wait_connected()
        self.assertEqual(self.hub.member(self.node.id)["state"], "connected")

    def test_a_removed_hub_is_cut_off_within_two_seconds(self):
        began = time.monotonic()
        done = self.world.run([BIN / "adaos-root", "subnet", "remove", self.hub.subnet, "--json", "--base-dir",
                               self.root.base])
        self.assertEqual(done.code, 0, done.err)
        seconds, status = self.closed_after(self.hub, "connected_to_root", began)
        print(f"hub cut off after {seconds:.3f} s, command included")
        self.assertLess(seconds, PROMISE)
        self.assertEqual(done.json()["node_id"], self.hub.status()["node_id"])
        self.assertProblem(self.root.get(f"/hubs/{self.hub.subnet}/api/ping"), 404, "ADAOS-R001")
        again = self.world.run([BIN / "adaos-root", "subnet", "remove", self.hub.subnet, "--base-dir", self.root.base])
        self.assertFails(again, 3, "ADAOS-R001")

        done = self.hub.cli("dev", "root", "init", "--root", self.root.url, "--token-file", self.root.token_file,
                            "--ca-fingerprint", self.root.pin, "--json").json()
        self.assertEqual((done["subnet_id"], done["reused"]), (self.hub.subnet, False))
        until("the hub is linked", lambda: self.hub.status()["connected_to_root"] is True)
        self.node.wait_connected(30)

    def test_a_hub_is_removed_while_root_is_stopped(self):
        self.root.stop()
        done = self.world.run([BIN / "adaos-root", "subnet", "remove", self.hub.subnet, "--base-dir", self.root.base])
        self.assertEqual(done.code, 0, done.err)
        self.root.start()
        until("the hub is refused", lambda: "node_revoked" in (self.hub.status()["cause"] or ""), 30)

    def test_a_member_cannot_remove(self):
        self.assertFails(self.node.cli("node", "delete", "anybody", expect=None), 2, "ADAOS-J009")


class Rotation(Case):
    @classmethod
    def arrange(cls):
        arrange_short_lives(cls)

    def rotate(self, *words):
        done = self.world.run([BIN / "adaos-root", "ca", "rotate", "--json", "--base-dir", self.root.base, *words])
        self.assertEqual(done.code, 0, done.err)
        return done.json()

    def shown(self):
        return self.root.get("/v1/ca").json()

    def test_a_ca_is_exchanged_and_everybody_stays_linked(self):
        old = self.root.pin
        ca_file = pathlib.Path(self.root.ca)
        both = self.world.folder / "both.pem"
        prepared = self.rotate()
        self.assertEqual((prepared["phase"], prepared["signer_fingerprint"]), ("prepared", old))
        until("Root shows both", lambda: len(self.shown()["cas"]) == 2)
        self.assertEqual(self.shown()["signer_fingerprint_sha256"], old)
        both.write_text("".join(ca["cert_pem"] for ca in self.shown()["cas"]))

        active = self.rotate("--activate")
        new = active["signer_fingerprint"]
        self.assertNotEqual(new, old)
        self.assertEqual(self.shown()["signer_fingerprint_sha256"], new)  # at once, for who pins what was printed
        # A hub that comes now knows the old CA alone.
        self.hub.stop()
        self.hub.start()
        until("it is linked", lambda: self.hub.status()["connected_to_root"] is True, 20)
        done = self.world.run([BIN / "adaos-root", "ca", "rotate", "--finish", "--base-dir", self.root.base])
        self.assertFails(done, 78, "ADAOS-S002")
        for base, anchors in ((self.hub.base, "ca.cert"), (self.node.base, "member_ca.cert")):
            path = base / "keys" / anchors
            until(f"{anchors} has both", lambda: path.read_text().count("BEGIN CERT") == 2, 90)
        pings = Pings(self.root, f"/hubs/{self.hub.subnet}/nodes/{self.node.id}/api/ping")

        done = self.rotate("--finish", "--now")
        self.assertEqual((done["phase"], done["trusted_fingerprints"]), ("single", [new]))
        until("Root shows the new one alone", lambda: len(self.shown()["cas"]) == 1)
        self.assertEqual(self.root.pin, new)
        self.assertIn("BEGIN CERT", ca_file.read_text())
        self.hub.stop()
        self.hub.start()
        until("the hub is linked", lambda: self.hub.status()["connected_to_root"] is True, 20)
        self.node.wait_connected()
        pings.start()
        until("requests come through", lambda: pings.good > 5)
        pings.end()
        late = member_of(self, self.hub, self.root, "late")
        self.assertEqual(late.status()["connected_to_hub"], True)


class Overlap(Case):
    """The new CA signs, the old one is trusted still."""
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.old = cls.root.pin
        for words in ((), ("--activate",)):
            done = cls.root.cli("ca", "rotate", *words)
            assert done.code == 0, done
        cls.new = cls.root.pin
        until("Root signs with the new one", lambda: cls.root.get("/v1/ca").json()["signer_fingerprint_sha256"] == cls.new)

    def test_the_fingerprint_to_pin_is_that_of_the_ca_that_signs(self):
        self.assertNotEqual(self.new, self.old)
        shown = self.root.get("/v1/ca").json()
        self.assertEqual(self.new, shown["signer_fingerprint_sha256"])
        told = self.root.cli("ca", "fingerprint", "--json").json()
        self.assertEqual((told["ca_fingerprint"], told["trusted_fingerprints"]), (self.new, [self.new, self.old]))
        self.assertEqual(pathlib.Path(told["ca_file"]).read_text(), shown["cas"][0]["cert_pem"])
        # What is handed out from now on names the same one.
        self.assertEqual(self.token()["ca_fingerprint_sha256"], self.new.removeprefix("sha256:"))
        self.assertEqual(self.hub.join_code()["ca_fingerprint"], self.new)
        self.assertEqual(self.hub.cli("host", "invite", "create", *self.at_root(self.new), "--json").json()["ca_fingerprint"], self.new)

    def at_root(self, pin):
        return "--server", self.root.url, "--server-token-file", self.root.token_file, "--ca-fingerprint", pin, "--subnet", self.hub.subnet

    def token(self, pin=None):
        return self.hub.cli("node", "join-token", "create", "--max-uses", "1", *self.at_root(pin or self.new), "--json").json()

    def test_either_pin_lets_a_node_a_hub_and_an_agent_in(self):
        for pin in (self.old, self.new):
            name = "old" if pin == self.old else "new"
            with self.subTest(pin=name):
                node = self.world.node(f"member-{name}")
                node.cli("node", "join", "--code", self.hub.join_code()["code"], "--root", self.root.url, "--ca-fingerprint", pin)
                node.start()
                node.wait_connected()
                hub = self.world.node(f"hub-{name}")
                hub.cli("dev", "root", "init", "--root", self.root.url, "--token-file", self.root.token_file, "--ca-fingerprint", pin)

                agent = Agent(self.world, f"agent-{name}", self.world.folder / f"agent-{name}")
                done = agent.bootstrap(self.root.url, pin, "--token", self.token(pin)["token"])

                self.assertEqual(done.code, 0, done.err)
                signer = self.root.get("/v1/ca").json()["cas"][0]["cert_pem"]
                self.assertEqual((agent.certs / "ca.crt").read_text(), signer)
                agent.start(wait=False)
                admin = {"X-Root-Token": pathlib.Path(self.root.token_file).read_text().strip()}
                until("its heartbeat counts", lambda: self.root.get(f"/v1/nodes/{agent.name}", headers=admin).json()["status"] == "ready")
                self.assertEqual(agent.stop(), 0)

    def test_a_pin_that_fails_says_nothing_was_sent_only_where_that_is_so(self):
        agent = Agent(self.world, "stranger", self.world.folder / "agent-stranger")
        done = agent.bootstrap(self.root.url, "sha256:" + "0" * 64, "--token", self.token()["token"])
        self.assertFails(done, 20, "ADAOS-T001")
        self.assertIn("the token was not sent", done.err)
        self.assertNotIn("othing was sent", done.err)


if __name__ == "__main__":
    harness.main()
