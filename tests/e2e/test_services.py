"""Services: what listens on a hub or a member, reached by name through Root, by real processes."""
import hashlib
import socket
import ssl

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

        harness.threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def test_a_tcp_service_wants_its_upgrade(self):
        port = self.tcp_echo([])
        self.hub.cli("service", "add", "echo", f"tcp://127.0.0.1:{port}", "--public")
        answer = until("it is taken up", lambda: (got := self.root.get(f"{self.at_hub}/svc/echo")).status != 401 and got)
        self.assertProblem(answer, 426, "ADAOS-R016")
        self.assertEqual(answer.headers["upgrade"], "adaos-tcp")

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
