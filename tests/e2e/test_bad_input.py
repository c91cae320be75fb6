"""What bad input gets: an id, a cause, a next step, the right exit code, and no trace on disk."""
import json
import pathlib
import sqlite3
import subprocess
import uuid

import harness
import strangers
from harness import Case, post_json, request, snapshot
from strangers import Recorder, make_csr

OUTSIDE = strangers.private_network()


def age_codes(database: pathlib.Path):
    """As if every code had been made two hours ago."""
    with sqlite3.connect(database, timeout=10) as db:
        db.execute("UPDATE grants SET created_at = created_at - 7200000, expires_at = expires_at - 7200000 WHERE kind = 'member'")
    db.close()


class BadInput(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.counter = 0

    def fresh(self):
        type(self).counter += 1
        return self.world.node(f"node{self.counter}")

    def refused(self, code: int, problem: str, *words, node=None, **more):
        """`node join` fails so, and leaves the base folder as it was."""
        node = node or self.fresh()
        before = snapshot(node.base)
        done = node.cli("node", "join", *words, expect=None, **more)
        self.assertFails(done, code, problem)
        self.assertEqual(snapshot(node.base), before, "a failed join changed the base folder")
        return done

    def at_root(self, *words):
        return ("--root", self.root.url, "--ca-fingerprint", self.root.pin, *words)

    def test_codes(self):
        self.refused(10, "ADAOS-J015", "--code", "AAAA-AAAA", *self.at_root())
        self.refused(10, "ADAOS-J003", "--code", "OOOO-IIII", *self.at_root())
        self.refused(10, "ADAOS-J003", "--code", "ABC", *self.at_root())
        self.refused(2, "ADAOS-N009", "--code", "  ", *self.at_root())
        self.refused(2, "ADAOS-N009", "--code-stdin", *self.at_root(), stdin="\n")
        used = self.hub.join_code()["code"]
        self.fresh().cli("node", "join", "--code", used, *self.at_root())
        self.refused(12, "ADAOS-J005", "--code", used, *self.at_root())
        expired = self.hub.join_code()["code"]
        age_codes(self.root.base / "state" / "root.db")
        self.refused(11, "ADAOS-J004", "--code", expired, *self.at_root())
        self.refused(12, "ADAOS-J005", "--code", used, *self.at_root())

    def test_codes_at_the_hubs_own_door(self):
        at = ("--root", self.hub.url)
        self.refused(10, "ADAOS-J015", "--code", "AAAA-AAAA", *at)
        code = self.hub.join_code("--local")["code"]
        self.fresh().cli("node", "join", "--code", code.lower().replace("-", " "), *at)
        self.refused(12, "ADAOS-J005", "--code", code, *at)
        code = self.hub.join_code("--local")["code"]
        self.refused(10, "ADAOS-J015", "--code", code, *self.at_root())
        age_codes(self.hub.base / "state" / "adaos.db")
        self.refused(11, "ADAOS-J004", "--code", code, *at)

    def test_ways_to_give_a_code(self):
        file = self.world.folder / "code.txt"
        file.write_text(self.hub.join_code()["code"] + "\n")
        self.fresh().cli("node", "join", "--code-file", file, *self.at_root())
        self.fresh().cli("node", "join", *self.at_root(), env={"ADAOS_JOIN_CODE": self.hub.join_code()["code"]})
        self.refused(2, "ADAOS-N009", *self.at_root())
        done = self.refused(2, "ADAOS-N009", "--code-file", "/nonexistent/file", *self.at_root())
        self.assertIn("/nonexistent/file", done.err)

    def test_http_answers_of_the_join_door(self):
        door = self.root.url + "/v1/subnets/join"
        order = {"code": "AAAAAAAA", "node_id": "3f0c3c1e-0d9b-4f5e-9b52-4f7f3c1e0d9b", "hostname": "x",
                 "csr_pem": make_csr(self.world.folder, "door"), "attempt_id": "a1"}
        for change, status, problem in (
                ({}, 404, "ADAOS-J001"), ({"code": ""}, 422, "ADAOS-J002"), ({"code": "!"}, 422, "ADAOS-J003"),
                ({"csr_pem": "nonsense"}, 400, "ADAOS-J014"), ({"node_id": "me"}, 422, "ADAOS-B007"),
                ({"code": 7}, 422, "ADAOS-B007")):
            answer = post_json(door, {**order, **change}, ca=self.root.ca)
            self.assertProblem(answer, status, problem)
        plain = request(door, "POST", ca=self.root.ca, body=b"{}", headers={"Content-Type": "text/plain"})
        self.assertProblem(plain, 415, "ADAOS-B006")
        broken = request(door, "POST", ca=self.root.ca, body=b"{", headers={"Content-Type": "application/json"})
        self.assertProblem(broken, 400, "ADAOS-B001")
        large = request(door, "POST", ca=self.root.ca, body=b'"' + b"x" * 70_000 + b'"', headers={"Content-Type": "application/json"})
        self.assertProblem(large, 413, "ADAOS-B004")
        self.assertProblem(request(door, ca=self.root.ca), 405, "ADAOS-B003")

    def test_a_wrong_pin_sends_nothing(self):
        stranger = Recorder(self.world.folder, tls=True)
        code = self.hub.join_code()["code"]
        self.refused(20, "ADAOS-T001", "--code", code, "--root", f"https://127.0.0.1:{stranger.port}", "--ca-fingerprint", self.root.pin)
        self.refused(20, "ADAOS-T001", "--code", code, "--root", self.root.url, "--ca-fingerprint", "sha256:" + "0" * 64)
        self.assertGreaterEqual(stranger.connections, 1)
        self.assertEqual(stranger.inside, b"")
        stranger.close()
        self.fresh().cli("node", "join", "--code", code, *self.at_root())  # still good

    def test_a_wrong_pin_sends_no_root_token_either(self):
        stranger = Recorder(self.world.folder, tls=True)
        hub = self.fresh()
        done = hub.cli("dev", "root", "init", "--root", f"https://127.0.0.1:{stranger.port}", "--token-file", self.root.token_file,
                       "--ca-fingerprint", self.root.pin, expect=None)
        self.assertFails(done, 20, "ADAOS-T001")
        self.assertEqual(stranger.inside, b"")
        stranger.close()

    def test_without_a_pin_a_stranger_learns_the_slot_alone(self):
        stranger = Recorder(self.world.folder, tls=True)
        code = self.hub.join_code()["code"]
        self.refused(31, "ADAOS-U002", "--code", code, "--timeout", "2", "--root", f"https://127.0.0.1:{stranger.port}")
        plain = code.replace("-", "")
        self.assertIn(f'"slot":"{plain[:2]}"'.encode(), stranger.inside)
        for form in (plain, code, plain[2:]):
            self.assertNotIn(form.encode(), stranger.inside)
        stranger.close()
        self.fresh().cli("node", "join", "--code", code, "--root", self.root.url)  # still good, and no pin is needed

    @harness.unittest.skipUnless(OUTSIDE, "needs a network namespace of its own")
    def test_a_code_is_proved_over_plain_http_from_elsewhere(self):
        hub = self.world.node("plain-hub")
        hub.extra = ("--host", "0.0.0.0")
        hub.start()
        member = self.fresh()
        member.cli("node", "join", "--code", hub.join_code("--local")["code"], "--root", f"http://{OUTSIDE}:{hub.port}")
        member.start().wait_connected()
        member.stop()
        hub.stop()

    @harness.unittest.skipUnless(OUTSIDE, "needs a network namespace of its own")
    def test_an_invite_of_a_hub_on_every_address_names_one_that_others_can_reach(self):
        hub = self.world.node("wide-hub")
        hub.extra = ("--host", "0.0.0.0")
        hub.start()
        made = hub.cli("host", "invite", "create").out
        self.assertIn(f"https://{OUTSIDE}:{hub.port}", made)  # an invite wants TLS, but on its own machine
        hub.stop()

    @harness.unittest.skipUnless(OUTSIDE, "needs a network namespace of its own")
    def test_the_door_itself_refuses_a_code_over_plain_http_from_elsewhere(self):
        hub = self.world.node("open-hub")
        hub.extra = ("--host", "0.0.0.0")
        hub.start()
        order = {"code": hub.join_code("--local")["code"], "node_id": "3f0c3c1e-0d9b-4f5e-9b52-4f7f3c1e0d9c", "hostname": "x",
                 "csr_pem": make_csr(self.world.folder, "lan"), "attempt_id": "a1"}
        refused = post_json(f"http://{OUTSIDE}:{hub.port}/api/node/join", order)
        self.assertProblem(refused, 403, "ADAOS-J007")
        status = request(f"http://{OUTSIDE}:{hub.port}/api/node/status", headers={"X-AdaOS-Token": hub.token})
        self.assertEqual(status.status, 401, "the control token is for loopback only")
        self.assertEqual(post_json(f"http://127.0.0.1:{hub.port}/api/node/join", order).status, 200)
        hub.stop()

    @harness.unittest.skipUnless(OUTSIDE, "needs a network namespace of its own")
    def test_root_in_plain_http_stays_on_loopback(self):
        base = self.world.folder / "plainroot"
        done = self.world.run([harness.BIN / "adaos-root", "serve", "--base-dir", base, "--host", OUTSIDE, "--port", "0", "--plain-http"])
        self.assertEqual(done.code, 78, done.err)
        self.assertIn("--behind-proxy", done.err)

    def test_nobody_there(self):
        with harness.socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        done = self.fresh().cli("node", "join", "--code", "ABCD-EFGH", "--root", f"https://127.0.0.1:{port}",
                                "--ca-fingerprint", self.root.pin, "--timeout", "5", expect=None)
        self.assertFails(done, 30, "ADAOS-U001")
        silent = Recorder(self.world.folder, tls=False)
        done = self.fresh().cli("node", "join", "--code", "ABCD-EFGH", "--root", f"https://127.0.0.1:{silent.port}",
                                "--ca-fingerprint", self.root.pin, "--timeout", "2", expect=None)
        self.assertFails(done, 31, "ADAOS-U002")
        self.assertLess(done.seconds, 5 * harness.SLOW)
        silent.close()

    def test_something_else_there(self):
        """A server that has no join door."""
        class Other(harness.http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        with harness.http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
            harness.threading.Thread(target=other.serve_forever, daemon=True).start()
            self.refused(30, "ADAOS-U004", "--code", "ABCD-EFGH", "--root", f"http://127.0.0.1:{other.server_port}")
            other.shutdown()

    def test_words_and_options(self):
        node = self.fresh()
        for words in (("node", "jion"), ("node", "join", "--cod", "x"), ("nonsense",), (), ("hub", "join-code", "create", "--length", "9"),
                      ("hub", "join-code", "create", "--ttl-min", "0"), ("hub", "join-code", "create", "--ttl-min", "61"),
                      ("node", "join", "--code", "ABCD-EFGH", "--root", "ftp://x"), ("node", "join", "--code", "ABCD-EFGH", "--root", ""),
                      ("node", "join", "--code", "ABCD-EFGH", "--root", "https://127.0.0.1:1", "--ca-fingerprint", "beef"),
                      ("node", "join", "--code", "ABCD-EFGH", "--root", "https://127.0.0.1:1", "--zone", "mars")):
            done = node.cli(*words, expect=None)
            self.assertEqual(done.code, 2, f"{words}: {done.out}{done.err}")
            self.assertEqual(done.out, "", words)
            self.assertTrue(done.err.strip(), words)
        self.assertEqual(snapshot(node.base), {})
        self.assertEqual(node.cli("--help").err, "")
        self.assertRegex(node.cli("--version").out, r"\d+\.\d+\.\d+")

    def test_what_only_a_hub_can_do(self):
        member = self.fresh()
        member.cli("node", "join", "--code", self.hub.join_code()["code"], *self.at_root())
        member.start()
        for words in (("hub", "join-code", "create"), ("hub", "join-code", "create", "--local"), ("node", "members"),
                      ("access", "list"), ("access", "create", "--name", "x", "--scope", "view")):
            done = member.cli(*words, expect=None)
            self.assertFails(done, 2, "ADAOS-J009")
            self.assertIn(self.hub.subnet, done.err)
        member.stop()

    def test_a_member_does_not_move_to_another_subnet_by_accident(self):
        member = self.fresh()
        member.cli("node", "join", "--code", self.hub.join_code()["code"], *self.at_root())
        other = self.world.node("other-hub")
        other.start()
        code = other.join_code("--local")["code"]
        self.refused(41, "ADAOS-J008", "--code", code, "--root", other.url, node=member)
        other.stop()

    def test_joining_again_says_that_nothing_changed(self):
        member = self.fresh()
        member.cli("node", "join", "--code", self.hub.join_code()["code"], *self.at_root())
        before, code = snapshot(member.base), self.hub.join_code()["code"]
        done = member.cli("node", "join", "--code", code, *self.at_root())
        self.assertRegex(done.out, f"^Already a member of {self.hub.subnet}: the code was not used, nothing changed")
        self.assertNotIn("Joined", done.out)
        self.assertNotIn("Start the node", done.out)
        self.assertTrue(member.cli("node", "join", "--code", code, *self.at_root("--json")).json()["reused"])
        self.assertEqual(snapshot(member.base), before)
        self.fresh().cli("node", "join", "--code", code, *self.at_root())  # still good

    def test_json_errors_are_json(self):
        done = self.fresh().cli("node", "join", "--code", "AAAA-AAAA", *self.at_root("--json"), expect=None)
        self.assertEqual(done.code, 10)
        if done.out.strip():
            self.assertFalse(json.loads(done.out)["ok"])

    def test_root_token(self):
        hub = self.fresh()
        wrong = self.world.folder / "wrong_token"
        wrong.write_text("adaos_rt_" + "x" * 43)
        done = hub.cli("dev", "root", "init", "--root", self.root.url, "--token-file", wrong, "--ca-fingerprint", self.root.pin, expect=None)
        self.assertFails(done, 20, "ADAOS-J011")
        done = hub.cli("dev", "root", "init", "--root", self.root.url, "--token-file", self.root.token_file, "--ca-fingerprint",
                       self.root.pin, "--subnet-id", self.hub.subnet, expect=None)
        self.assertFails(done, 41, "ADAOS-J013")
        token = pathlib.Path(self.root.token_file).read_text().strip()
        hub.cli("dev", "root", "init", "--root", self.root.url, "--token-env", "MY_TOKEN", "--ca-fingerprint", self.root.pin,
                env={"MY_TOKEN": token})

    def liar(self, *wishes):
        """A CSR that claims to be the hub, and wishes for more."""
        csr = self.world.folder / "liar.csr"
        hub_id = self.hub.status()["node_id"]
        more = [word for wish in wishes for word in ("-addext", wish)]
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        self.world.folder / "liar.key", "-out", csr, "-subj", f"/CN={hub_id}/O={self.hub.subnet}", "-addext",
                        f"subjectAltName=URI:spiffe://{self.hub.subnet}.adaos/{self.hub.subnet}/{hub_id}", *more],
                       check=True, capture_output=True)
        return csr.read_text()

    def test_a_request_to_be_a_ca_is_refused_and_spends_nothing(self):
        for server, door, kind in ((self.root, "/v1/subnets/join", ()), (self.hub, "/api/node/join", ("--local",))):
            order = {"code": self.hub.join_code(*kind)["code"], "node_id": str(uuid.uuid4()), "hostname": "liar"}
            for wish, word in (("basicConstraints=critical,CA:true", "CA:TRUE"), ("keyUsage=keyCertSign", "keyCertSign"),
                               ("keyUsage=digitalSignature,cRLSign", "cRLSign")):
                refused = post_json(server.url + door, order | {"csr_pem": self.liar(wish)}, ca=self.root.ca)
                self.assertProblem(refused, 400, "ADAOS-J014")
                self.assertIn(word, refused.json()["detail"])
            taken = post_json(server.url + door, order | {"csr_pem": self.liar("keyUsage=digitalSignature")}, ca=self.root.ca)
            self.assertEqual(taken.status, 200, taken.body)

    def test_the_subject_of_a_request_is_ignored(self):
        hub_id = self.hub.status()["node_id"]
        node_id = "0b5c9e02-6b0c-4a55-8a0e-3a0f5a1d2c3b"
        answer = post_json(self.root.url + "/v1/subnets/join", {
            "code": self.hub.join_code()["code"], "node_id": node_id, "hostname": "Liar Box!", "csr_pem": self.liar(),
            "attempt_id": "liar"}, ca=self.root.ca)
        self.assertEqual(answer.status, 200, answer.body)
        text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=answer.json()["cert_pem"], text=True, check=True,
                              capture_output=True).stdout
        self.assertIn(f"URI:spiffe://{self.hub.subnet}.adaos/{self.hub.subnet}/{node_id}", text)
        self.assertNotIn(hub_id, text)
        self.assertNotIn("CA:TRUE", text)
        taken = post_json(self.root.url + "/v1/subnets/join", {
            "code": self.hub.join_code()["code"], "node_id": node_id, "hostname": "x", "csr_pem": make_csr(self.world.folder, "thief"),
            "attempt_id": "thief"}, ca=self.root.ca)
        self.assertProblem(taken, 409, "ADAOS-T004")


if __name__ == "__main__":
    harness.main()
