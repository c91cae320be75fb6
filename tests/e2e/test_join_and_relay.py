"""The main path: Root, hub and member; a join by code; every node reached through Root."""
import contextlib
import json
import os
import stat
import time

import harness
from harness import Case, request, until


class JoinAndRelay(Case):
    @classmethod
    def arrange(cls):
        world = cls.world
        cls.root = world.root().start()
        cls.hub = world.registered_hub(cls.root)
        cls.made = cls.hub.join_code()
        cls.member = world.node("member")
        cls.joined = cls.member.cli("node", "join", "--code", cls.made["code"], "--root", cls.root.url,
                                    "--ca-fingerprint", cls.root.pin, "--json").json()
        cls.member.start()
        cls.status = cls.member.wait_connected()
        cls.at_hub = f"/hubs/{cls.hub.subnet}"
        cls.view = cls.hub.access("view")
        cls.operate = cls.hub.access("operate", "--ttl", "1h")

    def through(self, path: str, token: str = "", method: str = "GET", **more):
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return self.root.get(self.at_hub + path, method=method, headers=headers, **more)

    def test_root_says_what_a_hub_needs_and_no_secret(self):
        out = self.root.log.read_text()
        self.assertIn(self.root.url, out)
        self.assertRegex(self.root.pin, r"^sha256:[0-9a-f]{64}$")
        self.assertIn(self.root.pin, out)
        self.assertIn(self.root.token_file, out)
        token = open(self.root.token_file).read().strip()
        self.assertNotIn(token, out)
        self.assertEqual(stat.S_IMODE(os.stat(self.root.token_file).st_mode), 0o600)
        self.assertEqual(set(self.root.serving), {"pid", "host", "port", "url", "started_at"})
        self.assertRegex(self.root.serving["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_the_code_and_what_is_said_about_it(self):
        made = self.made
        self.assertEqual((made["ok"], made["mode"], made["subnet_id"]), (True, "root", self.hub.subnet))
        self.assertRegex(made["code"], r"^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$")
        self.assertEqual(made["root_url"].rstrip("/"), self.root.url)
        self.assertEqual(made["ca_fingerprint"], self.root.pin)
        self.assertIn(made["code"], made["command"])
        for length, form in ((10, r"\w{5}-\w{5}"), (12, r"\w{6}-\w{6}")):
            self.assertRegex(self.hub.join_code("--length", str(length))["code"], f"^{form}$")
        plain = self.hub.cli("hub", "join-code", "create").out
        self.assertRegex(plain, r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
        self.assertRegex(plain, r"adaos node join --code [A-Z2-9-]{9} --root https://\S+")

    def test_the_command_of_the_other_machine_is_exact(self):
        made = self.hub.join_code()
        other = self.world.node("typed")
        done = self.world.run(["sh", "-c", made["command"]],
                              env={**other.env(), "PATH": f"{harness.BIN}:/usr/bin:/bin"})
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(other.status()["role"], "member")

    def test_status_after_the_join(self):
        status = self.member.status()
        got = {k: status[k] for k in ("role", "ready", "route_mode", "connected_to_hub", "connected_to_subnet", "subnet_id")}
        self.assertEqual(got, {"role": "member", "ready": True, "route_mode": "ws", "connected_to_hub": True,
                               "connected_to_subnet": True, "subnet_id": self.hub.subnet})
        self.assertEqual(status["node_id"], self.joined["node_id"])
        self.assertTrue(status["hub_url"].startswith(self.root.url + self.at_hub), status)
        self.assertNotIn("token", json.dumps(status).lower())
        plain = self.member.cli("node", "status").out
        self.assertRegex(plain, r"role\W+member")
        unprobed = self.member.cli("node", "status", "--json", "--no-probe").json()
        self.assertEqual((unprobed["role"], unprobed["connected_to_hub"]), ("member", None))

    def test_the_hub_lists_the_member(self):
        row = self.hub.member(self.joined["node_id"])
        self.assertEqual((row["role"], row["state"], row["issued_by"]), ("member", "connected", "root"))
        self.assertIn(row["name"], self.hub.cli("node", "members").out)

    def test_open_pages_are_answered_end_to_end(self):
        for path, node_id in (("/api/ping", self.hub.status()["node_id"]),
                              (f"/nodes/{self.joined['node_id']}/api/ping", self.joined["node_id"])):
            answer = self.through(path, self.view)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json()["node_id"], node_id)
        self.assertEqual(self.through("/api/ping").status, 200)
        self.assertEqual(self.through("/healthz").status, 200)
        self.assertEqual(self.root.get("/healthz").json()["service"], "adaos-root")

    def test_a_member_is_reached_by_name_and_by_id(self):
        name = self.hub.member(self.joined["node_id"])["name"]
        for way in (name, self.joined["node_id"]):
            page = self.through(f"/nodes/{way}/", self.view)
            self.assertEqual(page.status, 200, page.body)
            self.assertIn(name, page.body.decode())

    def test_scopes(self):
        path = f"/nodes/{self.joined['node_id']}/api/node/status"
        self.assertProblem(self.through(path), 401, "ADAOS-A001")
        self.assertProblem(self.through(path, "adaos_at_" + "A" * 43), 401, "ADAOS-A001")
        answer = self.through(path, self.view)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["node_id"], self.joined["node_id"])
        self.assertProblem(self.through(path, self.view, "POST"), 403, "ADAOS-A002")
        self.assertProblem(self.through(path, self.operate, "POST"), 405, "ADAOS-B003")
        wish = {"ttl_minutes": 15, "length": 8, "mode": "local"}
        body, kind = json.dumps(wish).encode(), {"Content-Type": "application/json"}
        refused = self.through("/api/node/join-code", self.operate, "POST", body=body, headers=kind)
        self.assertProblem(refused, 403, "ADAOS-A002")
        admin = self.hub.access("admin")
        made = self.through("/api/node/join-code", admin, "POST", body=body, headers=kind)
        self.assertEqual(made.status, 201, made.body)

    def test_the_control_token_does_not_work_through_root(self):
        for token in (self.hub.token, self.member.token):
            for headers in ({"X-AdaOS-Token": token}, {"Authorization": f"Bearer {token}"}):
                for path in ("/api/node/status", f"/nodes/{self.joined['node_id']}/api/node/status"):
                    self.assertEqual(self.through(path, headers=headers).status, 401, path)

    def test_a_caller_cannot_claim_a_scope(self):
        path = f"/nodes/{self.joined['node_id']}/api/node/status"
        for name in ("X-AdaOS-Scope", "x-adaos-scope"):
            self.assertEqual(self.through(path, headers={name: "admin"}).status, 401)
            self.assertEqual(self.through("/api/node/status", headers={name: "admin"}).status, 401)
            self.assertEqual(request(self.member.url + "/api/node/status", headers={name: "admin"}).status, 401)

    def test_tokens_are_kept_as_hashes(self):
        listed = self.hub.cli("access", "list", "--json", expect=None)
        for kept in [self.hub.base / "state" / "adaos.db", self.hub.base / "state" / "adaos.db-wal", self.hub.log]:
            if kept.exists():
                self.assertNotIn(self.view.encode(), kept.read_bytes(), kept)
        self.assertNotIn(self.view, listed.out)

    def test_methods_bodies_and_heads_pass(self):
        to_member = f"/nodes/{self.joined['node_id']}/api/nothing-here"
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = self.through(to_member, self.operate, method, body=b"x" * 100_000 if method == "PUT" else None)
            self.assertIn(answer.status, (404, 405), f"{method}: {answer.body}")
        head = self.through("/api/ping", method="HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        odd = self.through("/api/ping", headers={"X-Whatever": "yes", "Cookie": "a=b"})
        self.assertEqual(odd.status, 200)

    def test_errors_on_the_way_are_problems_with_proxy_status(self):
        unknown = self.root.get("/hubs/sn_00000000/api/ping")
        self.assertProblem(unknown, 404, "ADAOS-R001")
        self.assertRegex(unknown.headers["Proxy-Status"], r"^adaos-root")
        stranger = self.through("/nodes/nobody/api/ping", self.view)
        self.assertProblem(stranger, 404, "ADAOS-R003")
        self.assertIn("Proxy-Status", stranger.headers)
        self.assertProblem(self.root.get("/no/such/page"), 404, "ADAOS-B002")

    def test_ambiguous_requests_never_reach_a_hub(self):
        connection, _ = harness.open_connection(self.root.url, self.root.ca)
        for path in ("/../root", "/%2e%2e/x", "/a\\b"):
            connection.close()
            connection.putrequest("GET", self.at_hub + path, skip_host=False)
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 400, path)
        for heads in (("Content-Length: 5", "Transfer-Encoding: chunked"), ("Content-Length: 5", "Content-Length: 6"),
                      ("Transfer-Encoding: xchunked", "Content-Length: 5")):
            with contextlib.closing(harness.open_connection(self.root.url, self.root.ca)[0]) as raw:
                raw.connect()
                raw.sock.sendall(f"POST {self.at_hub}/api/ping HTTP/1.1\r\nHost: x\r\n".encode()
                                 + "\r\n".join(heads).encode() + b"\r\n\r\nabcde")
                self.assertTrue(raw.sock.recv(64).startswith(b"HTTP/1.1 400"), heads)

    def test_many_callers_at_once(self):
        path, failures = f"/nodes/{self.joined['node_id']}/api/ping", []

        def call():
            connection, _ = harness.open_connection(self.root.url, self.root.ca)
            for _ in range(25):
                connection.request("GET", self.at_hub + path, headers={"Authorization": f"Bearer {self.view}"})
                reply = connection.getresponse()
                body = json.loads(reply.read())
                if reply.status != 200 or body["node_id"] != self.joined["node_id"]:
                    failures.append((reply.status, body))
            connection.close()

        callers = [harness.threading.Thread(target=call) for _ in range(16)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        self.assertEqual(failures, [])

    def test_no_secret_of_a_join_stays_anywhere(self):
        code = self.made["code"].replace("-", "")
        for path in self.world.folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                self.assertNotIn(code.encode(), data, path)
                self.assertNotIn(self.made["code"].encode(), data, path)

    def test_registering_again_reuses_the_identity_and_sends_nothing(self):
        before = harness.snapshot(self.hub.base / "keys")
        done = self.hub.cli("dev", "root", "init", "--root", self.root.url, "--token", "not-the-token",
                            "--ca-fingerprint", self.root.pin)
        self.assertRegex(done.out, r"reused:? *true")
        self.assertEqual(harness.snapshot(self.hub.base / "keys"), before)


class ComingAndGoing(Case):
    """What is seen while parts of the mesh are away, and that each comes back by itself."""

    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.member = cls.world.node("member")
        # The node serves already, as a hub of its own, when it joins: nobody restarts anything.
        cls.member.start()
        assert cls.member.status()["role"] == "hub"
        code = cls.hub.join_code()["code"]
        cls.joined = cls.member.cli("node", "join", "--code-stdin", "--root", cls.root.url, "--ca-fingerprint", cls.root.pin,
                                    "--json", stdin=code + "\n").json()
        cls.member.wait_connected()
        cls.view = cls.hub.access("view")

    def ping_member(self):
        return self.root.get(f"/hubs/{self.hub.subnet}/nodes/{self.joined['node_id']}/api/ping",
                             headers={"Authorization": f"Bearer {self.view}"})

    def test_1_a_member_away(self):
        self.assertEqual(self.ping_member().status, 200)
        self.assertEqual(self.member.stop(), 0)
        away = until("the member is offline", lambda: (a := self.ping_member()).status == 503 and a, 5)
        self.assertProblem(away, 503, "ADAOS-R004")
        self.assertLess(away.seconds, 0.1 * harness.SLOW)
        self.assertIn("Retry-After", away.headers)
        self.assertEqual(self.hub.member(self.joined["node_id"])["state"], "offline")
        self.assertFails(self.member.cli("node", "members", expect=None), 2, "ADAOS-J009")
        self.member.start()
        until("the member is back", lambda: self.ping_member().status == 200)

    def test_2_a_hub_away(self):
        self.assertEqual(self.hub.stop(), 0)
        began = time.monotonic()
        away = until("the hub is offline", lambda: (a := self.ping_member()).status == 503 and a, 5)
        self.assertLess(time.monotonic() - began, 2 * harness.SLOW)
        away = self.ping_member()
        self.assertProblem(away, 503, "ADAOS-R002")
        self.assertLess(away.seconds, 0.1 * harness.SLOW)
        self.assertRegex(away.headers["Proxy-Status"], "^adaos-root; *error=")
        status = until("the member knows", lambda: (s := self.member.status())["connected_to_hub"] is False and s)
        self.assertFalse(status["ready"])
        self.assertTrue(status["cause"])
        self.hub.start()
        until("the hub is back", lambda: self.ping_member().status == 200, 30)

    def test_3_a_hub_killed(self):
        self.hub.kill()
        away = until("the hub is offline", lambda: (a := self.ping_member()).status == 503 and a, 5)
        self.assertProblem(away, 503, "ADAOS-R002")
        self.hub.start()
        until("the hub is back", lambda: self.ping_member().status == 200, 30)

    def test_4_root_away(self):
        self.assertEqual(self.root.stop(), 0)
        until("the member knows", lambda: self.member.status()["connected_to_hub"] is False)
        self.assertTrue(self.hub.running() and self.member.running())
        done = self.hub.cli("hub", "join-code", "create", expect=None)
        self.assertFails(done, 30, "ADAOS-U001")
        self.root.start()
        until("all are back", lambda: self.ping_member().status == 200, 40)

    def test_5_root_killed(self):
        self.root.kill()
        self.root.start()
        until("all are back", lambda: self.ping_member().status == 200, 40)

    def test_6_a_silent_peer_is_noticed(self):
        """A stopped process keeps its sockets: only the pings tell."""
        self.member.process.send_signal(harness.signal.SIGSTOP)
        try:
            until("the hub gives the member up", lambda: self.hub.member(self.joined["node_id"])["state"] == "offline", 25)
        finally:
            self.member.process.send_signal(harness.signal.SIGCONT)
        until("the member is back", lambda: self.ping_member().status == 200, 30)

    def test_7_a_second_server_on_the_same_folder_is_refused(self):
        second = self.world.run([harness.BIN / "adaos", "api", "serve", "--port", "0"], env=self.hub.env())
        self.assertFails(second, 41, "ADAOS-S009")
        self.assertTrue(self.hub.running())


class LocalDoor(Case):
    """A hub that never saw Root, and a member that joins at the hub's own door."""

    @classmethod
    def arrange(cls):
        cls.hub = cls.world.node("hub").start()
        cls.hub.subnet = cls.hub.status()["subnet_id"]

    def test_join_by_a_local_code(self):
        made = self.hub.join_code("--local")
        self.assertEqual(made["mode"], "local")
        member = self.world.node("member")
        joined = member.cli("node", "join", "--code", made["code"], "--root", self.hub.url, "--json").json()
        self.assertEqual(joined["subnet_id"], self.hub.subnet)
        member.start()
        member.wait_connected()
        row = self.hub.member(joined["node_id"])
        self.assertEqual((row["state"], row["issued_by"]), ("connected", "hub"))
        ping = self.hub.get(f"/nodes/{joined['node_id']}/api/ping")
        self.assertEqual((ping.status, ping.json()["node_id"]), (200, joined["node_id"]))
        kept = json.loads((self.hub.base / "join_codes.json").read_text())
        self.assertEqual(kept["v"], 1)
        self.assertEqual(len(kept["codes"]), 1)
        (mac, record), = kept["codes"].items()
        self.assertRegex(mac, "^[0-9a-f]{64}$")
        self.assertTrue(record["consumed_at"])
        self.assertEqual(stat.S_IMODE((self.hub.base / "join_codes.json").stat().st_mode), 0o600)

    def test_an_unregistered_hub_has_no_root_to_ask(self):
        done = self.hub.cli("hub", "join-code", "create", expect=None)
        self.assertNotEqual(done.code, 0)
        self.assertRegex(done.err, r"--local|dev root init")


if __name__ == "__main__":
    harness.main()
