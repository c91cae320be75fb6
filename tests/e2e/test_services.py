"""Services: what listens on a hub or a member, reached by name through Root, by real processes."""
import hashlib
import json
import socket
import ssl
import struct
import subprocess
import threading
import time

import harness
from harness import Case, until
from origin import Origin, read_head


class Services(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.member = cls.world.node("member")
        cls.joined = cls.member.cli("node", "join", "--code", cls.hub.join_code()["code"], "--root", cls.root.url, "--json").json()
        cls.member.start()
        cls.member.wait_connected()
        cls.origin = Origin()
        cls.view = {"Authorization": f"Bearer {cls.hub.access('view')}"}
        cls.operate = {"Authorization": f"Bearer {cls.hub.access('operate')}"}
        cls.at_hub = f"/hubs/{cls.hub.subnet}"
        cls.at_member = f"{cls.at_hub}/nodes/{cls.joined['node_id']}"
        for node in (cls.hub, cls.member):
            node.cli("service", "add", "app", cls.origin.target)
            node.cli("service", "add", "open", cls.origin.target, "--public")
        for base in (cls.at_hub, cls.at_member):
            until("services are taken up", lambda: cls.root.get(base + "/svc/open/").status == 200)

    def test_a_service_is_reached_at_hub_and_member(self):
        for base in (self.at_hub, self.at_member):
            answer = self.root.get(f"{base}/svc/app/a%2Fb/c?x=1&y", headers=self.view)
            self.assertEqual(answer.status, 200)
            seen = answer.json()
            self.assertEqual(seen["target"], "/a%2Fb/c?x=1&y")
            fields = seen["fields"]
            self.assertEqual(fields["x-forwarded-prefix"], f"{base}/svc/app")
            self.assertEqual(fields["x-forwarded-for"], "127.0.0.1")
            self.assertEqual(fields["x-forwarded-proto"], "https")
            self.assertEqual(fields["x-adaos-scope"], "view")

    def test_a_body_arrives_whole(self):
        body = bytes(range(256)) * 5000
        for base in (self.at_hub, self.at_member):
            seen = self.root.get(f"{base}/svc/app/up", method="POST", body=body, headers=self.operate).json()
            self.assertEqual((seen["body_bytes"], seen["body_sha256"]), (len(body), hashlib.sha256(body).hexdigest()))

    def test_our_token_does_not_reach_the_service_and_its_own_does(self):
        for base in (self.at_hub, self.at_member):
            fields = self.root.get(f"{base}/svc/app/", headers=self.view).json()["fields"]
            self.assertNotIn("authorization", fields)
            token = self.view["Authorization"].split()[1]
            fields = self.root.get(f"{base}/svc/app/", headers={"X-AdaOS-Token": token, "Authorization": "Basic b3duOm93bg=="}).json()["fields"]
            self.assertEqual(fields["authorization"], "Basic b3duOm93bg==")
            self.assertNotIn("x-adaos-token", fields)

    def test_who_may_come_in(self):
        for base in (self.at_hub, self.at_member):
            self.assertProblem(self.root.get(f"{base}/svc/app/"), 401, "ADAOS-A001")
            self.assertProblem(self.root.get(f"{base}/svc/nothing/"), 401, "ADAOS-A001")  # no word to strangers
            self.assertProblem(self.root.get(f"{base}/svc/nothing/", headers=self.view), 404, "ADAOS-R015")
            self.assertProblem(self.root.get(f"{base}/svc/app/", method="POST", body=b"", headers=self.view), 403, "ADAOS-A002")
            self.assertEqual(self.root.get(f"{base}/svc/open/", method="POST", body=b"").status, 200)
            forged = self.root.get(f"{base}/svc/open/", headers={"X-AdaOS-Scope": "admin", "X-Forwarded-Prefix": "/x"}).json()["fields"]
            self.assertEqual(forged["x-adaos-scope"], "none")
            self.assertEqual(forged["x-forwarded-prefix"], f"{base}/svc/open")

    def test_redirects_and_cookies_lead_to_where_the_service_is_seen(self):
        for base in (self.at_hub, self.at_member):
            answer = self.root.get(f"{base}/svc/open/redirect")
            self.assertEqual(answer.headers["location"], f"{base}/svc/open/elsewhere?x=1")
            cookies = self.root.get(f"{base}/svc/open/cookies").headers.get_all("set-cookie")
            self.assertEqual(cookies, [f"a=1; Path={base}/svc/open/", f"b=2; HttpOnly; Path={base}/svc/open/deep", "c=3"])
            wide = self.root.get(f"{base}/svc/open/wide").headers
            self.assertNotIn("clear-site-data", wide)
            self.assertNotIn("service-worker-allowed", wide)
            answer = self.root.get(f"{base}/svc/open?q")
            self.assertEqual((answer.status, answer.headers["location"]), (308, "open/?q"))

    def test_a_socket_file_is_a_service(self):
        at = str(self.world.folder / "origin.sock")
        Origin(at)
        self.hub.cli("service", "add", "file", f"unix:{at}", "--public")
        answer = until("it is taken up", lambda: (got := self.root.get(f"{self.at_hub}/svc/file/x")).status == 200 and got)
        self.assertEqual(answer.json()["target"], "/x")

    def test_a_service_that_is_down_is_said_at_once(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for node, base in ((self.hub, self.at_hub), (self.member, self.at_member)):
            node.cli("service", "add", "down", f"http://127.0.0.1:{port}", "--public")
            answer = until("it is taken up", lambda: (got := self.root.get(f"{base}/svc/down/")).status != 401 and got)
            self.assertProblem(answer, 502, "ADAOS-R006")
            self.assertIn("adaos-node; error=connection_refused", answer.headers["proxy-status"])
            self.assertNotIn(str(port), answer.body.decode())

    def raw(self, base: str, service: str, upgrade: str, token: str = "") -> tuple[socket.socket, bytes]:
        """An upgraded connection through Root's TLS, and its head."""
        host, port = self.root.url.removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=self.root.ca)
        wire = context.wrap_socket(socket.create_connection((host, int(port)), timeout=20), server_hostname=host)
        auth = f"Authorization: Bearer {token}\r\n" if token else ""
        wire.sendall(f"GET {base}/svc/{service} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n{auth}\r\n".encode())
        stream = wire.makefile("rb", buffering=0)
        return wire, read_head(stream)

    def test_any_upgrade_becomes_a_byte_pipe(self):
        for base in (self.at_hub, self.at_member):
            wire, head = self.raw(base, "open/echo-socket", "something/1")
            self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
            self.assertIn(b"Upgrade: something/1", head)
            sent = bytes(range(256)) * 300
            wire.sendall(sent)
            got = b""
            while len(got) < len(sent) + 5:
                got += wire.recv(65536)
            self.assertEqual(got, b"hello" + sent)
            wire.close()

    def tcp_echo(self, ended: list) -> int:
        """A TCP service that answers only after the end of what it is sent."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            while True:
                connection, _ = listener.accept()
                got = b""
                try:
                    while data := connection.recv(65536):
                        got += data
                    connection.sendall(got[::-1])
                    ended.append("fin")
                except ConnectionError:
                    ended.append("rst")
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def test_a_tcp_service_wants_its_upgrade(self):
        port = self.tcp_echo([])
        self.hub.cli("service", "add", "echo", f"tcp://127.0.0.1:{port}", "--public")
        answer = until("it is taken up", lambda: (got := self.root.get(f"{self.at_hub}/svc/echo")).status != 401 and got)
        self.assertProblem(answer, 426, "ADAOS-R016")
        self.assertEqual(answer.headers["upgrade"], "adaos-tcp")

    def tcp_service(self, node, name: str, *words) -> list:
        ended = []
        port = self.tcp_echo(ended)
        node.cli("service", "add", name, f"tcp://127.0.0.1:{port}", *words)
        base = self.at_hub if node is self.hub else self.at_member
        until("it is taken up", lambda: self.root.get(f"{base}/svc/{name}", headers=self.operate).status == 426)
        return ended

    def connect(self, *words, env=None):
        """`adaos connect --listen`, and the address it listens at."""
        process = subprocess.Popen([harness.BIN / "adaos", "connect", *words, "--json"], stdout=subprocess.PIPE, text=True,
                                   env=env or self.world.env(self.hub.base))
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        told = json.loads(process.stdout.readline())
        return told["host"], told["port"]

    def at_root(self) -> tuple[list, dict]:
        token = self.operate["Authorization"].split()[1]
        return (["--server", self.root.url, "--subnet", self.hub.subnet, "--ca-fingerprint", self.root.pin],
                {**self.world.env(self.world.folder / "elsewhere"), "ADAOS_SERVER_TOKEN": token})

    def test_an_end_crosses_each_way(self):
        ended = self.tcp_service(self.member, "crossing")
        words, env = self.at_root()
        for at in (self.connect(self.joined["node_id"], "crossing"), self.connect(self.joined["node_id"], "crossing", *words, env=env)):
            sent = bytes(range(256)) * 2000
            with socket.create_connection(at, timeout=20) as near:
                near.sendall(sent)
                near.shutdown(socket.SHUT_WR)
                got = b""
                while data := near.recv(65536):
                    got += data
            self.assertEqual(got, sent[::-1])
        until("both ends were seen", lambda: ended == ["fin", "fin"])

    def test_a_reset_crosses_as_a_reset(self):
        ended = self.tcp_service(self.member, "resetting")
        words, env = self.at_root()
        for at in (self.connect(self.joined["node_id"], "resetting"), self.connect(self.joined["node_id"], "resetting", *words, env=env)):
            near = socket.create_connection(at, timeout=20)
            near.sendall(b"x" * 1000)
            time.sleep(0.3)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            near.close()
        until("both resets were seen", lambda: ended == ["rst", "rst"])

    def test_standard_input_and_output_are_a_connection(self):
        self.tcp_service(self.hub, "piped")
        words, env = self.at_root()
        done = subprocess.run([harness.BIN / "adaos", "connect", "hub", "piped", "--stdio", *words], input=b"abc" * 100000, env=env,
                              capture_output=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"cba" * 100000, b""))

    def test_a_target_is_told_who_connects(self):
        self.tcp_service(self.member, "told", "--proxy-protocol")
        at = self.connect(self.joined["node_id"], "told")
        with socket.create_connection(at, timeout=20) as near:
            near.sendall(b"!")
            near.shutdown(socket.SHUT_WR)
            got = b""
            while data := near.recv(65536):
                got += data
        self.assertEqual(got[::-1], bytes.fromhex("0d0a0d0a000d0a515549540a2111000c7f000001000000000000" + "0000") + b"!")

    def test_what_cannot_be_connected_is_said_before_anything_listens(self):
        self.tcp_service(self.hub, "closed")
        words, env = self.at_root()
        for case, code, problem in ((("hub", "app"), 2, "ADAOS-R019"), (("hub", "nothing"), 3, "ADAOS-R015"), (("nobody", "x"), 3, "ADAOS-R003"),
                                    (("hub", "Closed"), 2, "ADAOS-N005"), (("hub", "closed", "--stdio", "--listen", "0"), 2, "ADAOS-N005"),
                                    (("hub", "closed", "--subnet", "sn_00000000"), 2, "ADAOS-N005")):
            self.assertFails(self.hub.cli("connect", *case, expect=None), code, problem)
        done = self.world.run([harness.BIN / "adaos", "connect", "hub", "closed", *words], env={**env, "ADAOS_SERVER_TOKEN": "adaos_at_wrong"})
        self.assertFails(done, 40, "ADAOS-A001")

    def test_commands(self):
        node = self.world.node("commands")
        self.assertEqual(node.cli("service", "list").out, "no services; adaos service add makes one\n")
        done = node.cli("service", "add", "blog", "http://127.0.0.1:3000")
        self.assertEqual(done.out, "blog -> http://127.0.0.1:3000\n")
        done = node.cli("service", "add", "blog", "http://127.0.0.1:3000")
        self.assertIn("was there already", done.out)
        self.assertFails(node.cli("service", "add", "blog", "http://127.0.0.1:3001", expect=None), 41, "ADAOS-R017")
        self.assertFails(node.cli("service", "add", "Blog", "http://127.0.0.1:3001", expect=None), 2, "ADAOS-N005")
        for wrong in ("127.0.0.1:22", "https://x", "http://x/path", "tcp://x", "unix:relative", "http://", "tcp://x:0", "tcp://x:99999"):
            self.assertEqual(node.cli("service", "add", "x", wrong, expect=None).code, 2, wrong)
        self.assertEqual(node.cli("service", "list", "--json").json()["services"][0]["name"], "blog")
        self.assertEqual(node.cli("service", "remove", "blog").out, "blog: removed\n")
        self.assertFails(node.cli("service", "remove", "blog", expect=None), 3, "ADAOS-R015")

    def test_a_removed_service_is_gone(self):
        self.hub.cli("service", "add", "brief", self.origin.target, "--public")
        until("it is taken up", lambda: self.root.get(f"{self.at_hub}/svc/brief/").status == 200)
        self.hub.cli("service", "remove", "brief")
        until("it is gone", lambda: self.root.get(f"{self.at_hub}/svc/brief/").status == 401)

    def test_a_damaged_book_leaves_what_was_there(self):
        file = self.hub.base / "state" / "services.json"
        before = file.read_bytes()
        file.write_text("{")
        done = self.hub.cli("service", "list", expect=None)
        self.assertIn("ADAOS-S00", done.err)
        self.assertEqual(self.root.get(f"{self.at_hub}/svc/open/").status, 200)
        file.write_bytes(before)


if __name__ == "__main__":
    harness.main()
