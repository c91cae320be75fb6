"""What a hub's identity must survive: registering with members already there, registering while it
serves, a thief with another hub's key, a listener on one address, members of one name."""
import subprocess
import threading
import time

import harness
import strangers
from harness import Case, until

LAN = strangers.private_network()  # one address beside loopback


class HubIdentity(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()

    def register(self, hub, *words, expect: int | None = 0):
        return hub.cli("dev", "root", "init", "--root", self.root.url, "--token-file", self.root.token_file,
                       "--ca-fingerprint", self.root.pin, *words, expect=expect)

    def join_local(self, hub, member):
        code = hub.join_code("--local")["code"]
        member.cli("node", "join", "--code", code, "--root", hub.url)
        return member.start()

    def test_members_admitted_before_a_registration_stay_linked(self):
        hub, member = self.world.node("early-hub").start(), self.world.node("early-member")
        self.join_local(hub, member).wait_connected()

        self.register(hub)

        until("the hub is a registered one", lambda: hub.status()["connected_to_root"], 20)
        member.wait_connected(30)
        subnet = hub.status()["subnet_id"]
        node = member.status()["node_id"]
        self.assertEqual(self.root.get(f"/hubs/{subnet}/nodes/{node}/api/ping").status, 200)
        member.stop()
        member.start().wait_connected(30)

    def test_registering_while_the_hub_starts(self):
        for number in range(harness.rounds(8, 40)):
            hub = self.world.node(f"starting-{number}")
            starter = threading.Timer(0.002 * number, hub.start, kwargs={"wait": False})
            starter.start()
            done = self.register(hub, expect=None)
            starter.join()
            if done.code != 0:  # the other one was first to hold the folder; nothing is broken by that
                self.assertEqual(done.code, 41, done.err)
                self.register(hub)
            hub.wait_ready()
            until(f"hub {number} has its link", lambda: hub.status()["connected_to_root"] is True, 20)
            hub.stop()
            hub.start()
            until(f"hub {number} has it again", lambda: hub.status()["connected_to_root"] is True, 20)
            hub.stop()

    def test_another_hub_cannot_pose_as_root(self):
        thief = self.world.registered_hub(self.root, "thief")
        keys, folder = thief.base / "keys", self.world.folder
        (folder / "fake.cnf").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        openssl = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "fake.key", "-out", "fake.csr", "-subj", "/CN=127.0.0.1")
        issuer = keys / "issuer_cert.pem"
        openssl("x509", "-req", "-in", "fake.csr", "-CA", str(issuer), "-CAkey", str(keys / "issuer_private.pem"),
                "-CAcreateserial", "-CAserial", str(folder / "serial"), "-days", "2", "-out", "fake.crt", "-extfile", "fake.cnf")
        (folder / "stranger.pem").write_text((folder / "fake.crt").read_text() + issuer.read_text())
        (folder / "stranger.key").write_text((folder / "fake.key").read_text())
        fake = strangers.Recorder(folder, tls=True)
        self.addCleanup(fake.close)
        url = f"https://127.0.0.1:{fake.port}"
        victim = self.world.node("victim")

        refused = victim.cli("node", "join", "--code", "ABCD-EFGH", "--root", url, "--ca-fingerprint", self.root.pin, expect=None)
        self.assertFails(refused, 20, "ADAOS-T001")
        refused = victim.cli("dev", "root", "init", "--root", url, "--token", "a-root-token", "--ca-fingerprint",
                             self.root.pin, expect=None)
        self.assertFails(refused, 20, "ADAOS-T001")
        self.assertEqual(fake.inside, b"")
        self.assertGreaterEqual(fake.connections, 2)
        thief.stop()

    def test_a_second_root_is_refused(self):
        hub = self.world.registered_hub(self.root, "owned")
        other = self.world.root("other-root").start()
        before = harness.snapshot(hub.base / "keys")

        refused = hub.cli("dev", "root", "init", "--root", other.url, "--token-file", other.token_file,
                          "--ca-fingerprint", other.pin, expect=None)

        self.assertFails(refused, 41, "ADAOS-J008")
        self.assertEqual(harness.snapshot(hub.base / "keys"), before)
        hub.stop()
        other.stop()

    def test_a_hub_on_one_lan_address_still_hears_its_own_machine(self):
        if LAN is None:
            self.skipTest("no network of our own here")
        hub, member = self.world.node("lan-hub"), self.world.node("lan-member")
        hub.extra = ("--host", LAN)
        hub.start()
        self.assertTrue(hub.url.startswith(f"http://{LAN}:"), hub.url)
        self.assertEqual(hub.status()["ready"], True)
        made = hub.join_code("--local")
        url = f"https://{LAN}:{hub.port}"

        member.cli("node", "join", "--code", made["code"], "--root", url, "--ca-fingerprint", made["ca_fingerprint"])

        member.start().wait_connected()
        wrong = self.world.node("wrong").cli("node", "join", "--code", "ABCD-EFGH", "--root", hub.url, expect=None)
        self.assertFails(wrong, 10, "ADAOS-J015")
        member.stop()
        hub.stop()

    def test_a_name_reaches_the_machine_that_was_told_it(self):
        hub = self.world.registered_hub(self.root, "names")
        members = [self.world.node(f"named-{i}") for i in range(4)]
        for i, member in enumerate(members):
            if i % 2 == 0:
                self.join_local(hub, member)
            else:
                member.cli("node", "join", "--code", hub.join_code()["code"], "--root", self.root.url,
                           "--ca-fingerprint", self.root.pin)
                member.start()
        token, names = hub.access("view"), set()
        for member in members:
            member.wait_connected()

        def agrees(member):
            status = member.wait_connected()
            told = status["node_name"]
            reached = self.root.get(f"/hubs/{hub.subnet}/nodes/{told}/api/node/status",
                                    headers={"Authorization": f"Bearer {token}"})
            listed = hub.member(status["node_id"])["name"]
            return listed == told and reached.status == 200 and reached.json()["node_id"] == status["node_id"] and told

        for member in members:
            names.add(until(f"{member.name} is reached by its name", lambda: agrees(member), 20))
        self.assertEqual(len(names), len(members))
        self.assertNotIn(hub.status()["node_name"], names)
        for server in (*members, hub):
            server.stop()

    def test_lost_keys(self):
        hub = self.world.registered_hub(self.root, "keyless")
        member = self.world.node("keyless-member")
        self.join_local(hub, member).wait_connected()
        before = member.status()["node_id"]
        member.stop()
        (member.base / "keys" / "member_private.pem").unlink()

        member.cli("node", "join", "--code", hub.join_code("--local")["code"], "--root", hub.url)

        self.assertNotEqual(member.start().wait_connected()["node_id"], before)
        member.stop()
        hub.stop()
        (hub.base / "keys" / "hub_private.pem").unlink()
        refused = hub.cli("api", "serve", "--port", "0", expect=None)
        self.assertFails(refused, 78, "ADAOS-S004")
        self.assertIn("restore keys/ from a backup", refused.err)
        self.assertFalse((hub.base / "keys" / "hub_private.pem").exists())

    def test_a_stop_lets_exchanges_finish(self):
        hub = self.world.registered_hub(self.root, "draining")
        member = self.world.node("drained")
        self.join_local(hub, member).wait_connected()
        operate = hub.access("operate")
        target = f"/hubs/{hub.subnet}/nodes/{member.status()['node_id']}/api/probe/upload"
        for stopping in (member, hub, self.root):
            connection, _ = harness.open_connection(self.root.url, self.root.ca)
            connection.putrequest("POST", target)
            connection.putheader("Authorization", f"Bearer {operate}")
            connection.putheader("Content-Length", "10")
            connection.endheaders()
            connection.send(b"0")
            time.sleep(0.3)
            stopper = threading.Thread(target=stopping.stop)
            stopper.start()
            for byte in range(9):
                time.sleep(0.1)
                connection.send(b"1")
            answer = connection.getresponse()
            body = answer.read()
            self.assertEqual(answer.status, 200, f"{stopping.name}: {body}")
            connection.close()
            stopper.join()
            stopping.start()
            until("all is back", lambda: self.root.get(target.replace("probe/upload", "ping")).status == 200, 40)
        member.stop()
        hub.stop()


if __name__ == "__main__":
    harness.main()
