"""Machines of other people: invites, registration, addresses in the overlay, the list, what is handed out."""
import hashlib
import json
import re
import stat
import threading

import harness
from harness import Case, post_json, request
from machines import Admin, from_elsewhere, heartbeat, make_csr, root_admin, wg_key, with_settings

CP_KEY = wg_key()
INVITES = "/api/v1/admin/host-invites"
OPEN_PATHS = ("/v1/enrol/grants", "/v1/audit", "/v1/nodes", INVITES, "/api/v1/admin/hosts", "/api/v1/admin/nodes",
              "/v1/nodes/x", "/v1/enrol/grants/x/audit", "/api/v1/admin/host-invites/x", "/v1/nodes/x/cordon")


class Hosts(Case):
    @classmethod
    def arrange(cls):
        settings = {"ADAOS_OVERLAY_NETWORK": "10.77.0.0/24", "ADAOS_WG_PUBLIC_KEY": CP_KEY,
                    "ADAOS_WG_ENDPOINT": "cp.example.org:51820"}
        cls.root = with_settings(cls.world.root(), **settings).start()
        hub = cls.world.registered_hub(cls.root)
        hub.stop()
        cls.hub = with_settings(hub, **settings).start()
        cls.sides = [Admin(cls.root, cls.hub.subnet), Admin(cls.hub, cls.hub.subnet)]

    def invite(self, side, **wish):
        answer = side.post(INVITES, {"ttl_hours": 24, "note": "Ada's garage", **wish})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()

    def order(self, token, name, **more):
        return {"token": token, "hostname": name, "architecture": "amd64", "wg_public_key": wg_key(),
                "csr_pem": make_csr(self.world.folder, name), **more}

    def hosts(self, side):
        return side.call("GET", "/api/v1/admin/hosts?limit=100").json()["hosts"]

    def peers(self, side):
        file = side.server.base / "state" / "wireguard" / "peers.conf"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        return dict(re.findall(r"PublicKey = (\S+)\nAllowedIPs = (\S+)/32\n", file.read_text()))

    def test_a_host_registers_with_its_invite_and_gets_an_address_and_a_peer_without_an_operator(self):
        for n, side in enumerate(self.sides):
            with self.subTest(server=side.server.name):
                invite = self.invite(side, overlay_address="auto")
                self.assertRegex(invite["token"], r"^adaos_host_[A-Za-z0-9_-]{43}$")
                self.assertEqual((invite["cp_wg_public_key"], invite["cp_endpoint"]), (CP_KEY, "cp.example.org:51820"))
                order = self.order(invite["token"], f"garage{n}")
                done = side.register(**order)
                self.assertEqual(done.status, 201, done.body)
                got = done.json()
                self.assertEqual(got["overlay_address"], invite["overlay_address"])
                self.assertEqual((got["cp_wg_public_key"], got["cp_endpoint"]), (CP_KEY, "cp.example.org:51820"))
                self.assertIn("BEGIN CERTIFICATE", got["cert_pem"])
                self.assertIn("BEGIN CERTIFICATE", got["ca_pem"])
                self.assertEqual(self.peers(side)[order["wg_public_key"]], got["overlay_address"])
                row = next(h for h in self.hosts(side) if h["host_id"] == got["host_id"])
                self.assertEqual((row["hostname"], row["state"], row["overlay_address"]),
                                 (f"garage{n}", "pending", got["overlay_address"]))
                if not side.is_root:  # members report to their hub
                    key = self.world.folder / f"garage{n}.key"
                    self.assertEqual(heartbeat(side.server, got["node_name"], got["cert_pem"], key), 200)
                    row = next(h for h in self.hosts(side) if h["host_id"] == got["host_id"])
                    self.assertEqual(row["state"], "online")
                again = side.register(**self.order(invite["token"], "other"))
                self.assertProblem(again, 409, "ADAOS-J019")
                self.assertEqual(again.json()["title"], "invite already used")
                listed = side.call("GET", INVITES + "?include_expired=true&limit=200")
                self.assertNotIn(invite["token"].encode(), listed.body)
                mine = next(i for i in listed.json()["invites"] if i["id"] == invite["id"])
                self.assertEqual((mine["state"], mine["host_id"], mine["note"]),
                                 ("exhausted", got["host_id"], "Ada's garage"))
                for file in side.server.base.rglob("*"):
                    if file.is_file():
                        self.assertNotIn(invite["token"].encode(), file.read_bytes(), file)
                self.assertNotIn(invite["token"], side.server.log.read_text())

    def test_a_lost_answer_is_asked_for_again_with_the_same_redeem_id(self):
        side = self.sides[0]
        order = self.order(self.invite(side)["token"], "lost", redeem_id="0" * 32)
        first, second = side.register(**order).json(), side.register(**order).json()
        self.assertTrue(second["replayed"])
        for key in ("host_id", "cert_pem", "overlay_address"):
            self.assertEqual(first[key], second[key])

    def test_two_hosts_never_share_an_address_or_a_key(self):
        side = self.sides[0]
        reserved = self.invite(side, overlay_address="10.77.0.42")
        self.assertProblem(side.post(INVITES, {"ttl_hours": 1, "overlay_address": "10.77.0.42"}), 422, "ADAOS-B007")
        for wrong in ("10.77.0.0", "10.77.0.1", "10.77.0.255", "10.78.0.9", "10.77.0.042", "here"):
            self.assertProblem(side.post(INVITES, {"ttl_hours": 1, "overlay_address": wrong}), 422, "ADAOS-B007")
        orders = [self.order(self.invite(side)["token"], f"many{i}") for i in range(8)]
        orders.append(self.order(reserved["token"], "kept"))
        answers = [None] * len(orders)

        def send(i):
            answers[i] = side.register(**orders[i])

        threads = [threading.Thread(target=send, args=(i,)) for i in range(len(orders))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([a.status for a in answers], [201] * len(orders), [a.body for a in answers])
        given = [a.json()["overlay_address"] for a in answers]
        self.assertEqual(len(set(given)), len(given), given)
        self.assertEqual(given[-1], "10.77.0.42")
        invite = self.invite(side)
        stolen = self.order(invite["token"], "thief", wg_public_key=orders[0]["wg_public_key"])
        self.assertProblem(side.register(**stolen), 400, "ADAOS-B007")
        self.assertEqual(side.register(**self.order(invite["token"], "thief")).status, 201)  # not used up

    def test_the_list_of_hosts_is_read_page_by_page(self):
        side = self.sides[0]
        for i in range(3):
            self.assertEqual(side.register(**self.order(self.invite(side)["token"], f"page{i}")).status, 201)
        seen, cursor = [], ""
        while cursor is not None:
            page = side.call("GET", "/api/v1/admin/hosts?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
            self.assertLessEqual(len(page["hosts"]), 2)
            seen += [host["host_id"] for host in page["hosts"]]
            cursor = page["meta"]["next_cursor"]
        self.assertEqual(seen, [host["host_id"] for host in self.hosts(side)])
        self.assertEqual(len(set(seen)), len(seen))

    def test_a_revoked_invite_gives_its_address_back(self):
        side = self.sides[1]
        invite = self.invite(side, overlay_address="10.77.0.77")
        self.assertEqual(side.call("DELETE", f"{INVITES}/{invite['id']}").status, 204)
        self.assertProblem(side.register(**self.order(invite["token"], "late")), 410, "ADAOS-J020")
        self.assertEqual(self.invite(side, overlay_address="10.77.0.77")["overlay_address"], "10.77.0.77")
        self.assertProblem(side.call("DELETE", f"{INVITES}/00000000-0000-4000-8000-000000000000"), 404, "ADAOS-B002")

    def test_an_operator_adds_the_peer_by_hand(self):
        side = self.sides[1]
        invite = self.invite(side, overlay_address="auto")
        order = self.order(invite["token"], "by-hand")
        del order["wg_public_key"]
        got = side.register(**order).json()
        key = wg_key()
        path = f"/api/v1/admin/hosts/{got['host_id']}/peer"
        put = side.call("PUT", path, json.dumps({"wg_public_key": key}).encode())
        self.assertEqual((put.status, put.json()["overlay_address"]), (200, got["overlay_address"]))
        self.assertEqual(self.peers(side)[key], got["overlay_address"])
        moved = side.call("PUT", path, json.dumps({"wg_public_key": key, "overlay_address": "10.77.0.99"}).encode())
        self.assertEqual(moved.status, 200, moved.body)
        self.assertEqual(self.peers(side)[key], "10.77.0.99")
        self.assertProblem(side.call("PUT", path, b'{"wg_public_key": "short"}'), 422, "ADAOS-B007")

    def test_a_removed_host_loses_its_address_and_its_peer(self):
        side = self.sides[1]
        order = self.order(self.invite(side, overlay_address="auto")["token"], "gone")
        got = side.register(**order).json()
        self.assertIn(order["wg_public_key"], self.peers(side))
        self.assertEqual(side.call("DELETE", f"/v1/nodes/{got['node_name']}").status, 204)
        self.assertNotIn(got["host_id"], [h["host_id"] for h in self.hosts(side)])
        self.assertNotIn(order["wg_public_key"], self.peers(side))

    def test_another_payout_key_is_refused_and_the_invite_not_used(self):
        side = self.sides[0]
        token = self.invite(side, payout_pubkey="So11111111111111111111111111111111111111112")["token"]
        self.assertProblem(side.register(**self.order(token, "w1", payout_pubkey="other")), 403, "ADAOS-J022")
        self.assertProblem(side.register(**self.order(token, "w2")), 403, "ADAOS-J022")
        right = self.order(token, "w3", payout_pubkey="So11111111111111111111111111111111111111112")
        self.assertEqual(side.register(**right).status, 201)

    def test_a_secret_of_another_kind_is_unknown_at_this_door_and_no_bearer_anywhere(self):
        side = self.sides[0]
        mint = lambda kind, **more: post_json(self.root.url + "/v1/enrol/grants",
                                              {"kind": kind, "subnet_id": self.hub.subnet, **more}, ca=self.root.ca,
                                              headers=root_admin(self.root)).json()
        node_id = side.post("/api/v1/admin/nodes", {"host": "rack-5.example.org"}).json()["node_id"]
        minted = {"member": mint("member"), "node": mint("node"), "bootstrap": mint("bootstrap", node_id=node_id),
                  "host": self.invite(side)}
        for kind, grant in minted.items():
            secret = grant.get("token") or grant["code"]
            with self.subTest(kind=kind):
                if kind != "host":
                    self.assertProblem(side.register(**self.order(secret, "stranger")), 401, "ADAOS-J016")
                if kind != "bootstrap":
                    for what in ("script", "registry-credential", "package"):
                        self.assertProblem(side.bare("GET", f"/api/v1/bootstrap/nodes/{secret}/{what}"), 404, "ADAOS-J016")
                if kind != "member":
                    joined = from_elsewhere(self.root.url + "/v1/subnets/join", "POST", value={
                        "code": secret, "node_id": "11111111-1111-4111-8111-111111111111", "hostname": "x",
                        "csr_pem": make_csr(self.world.folder, "x")}, ca=self.root.ca)
                    self.assertIn(joined.status, (404, 422), joined.body)
                for path in OPEN_PATHS:
                    method = "POST" if path.endswith("cordon") else "GET"
                    if path in ("/api/v1/admin/nodes",):
                        method = "POST"
                    for headers in ({"Authorization": f"Bearer {secret}"}, {"X-Root-Token": secret}):
                        named = {key.replace("-", "_"): value for key, value in headers.items()}
                        answer = side.bare(method, path, **named)
                        self.assertIn(answer.status, (401, 405), (path, answer.body))
                shown = request(self.root.url + f"/v1/enrol/grants/{grant['id']}", ca=self.root.ca,
                                headers=root_admin(self.root)).json()
                self.assertEqual((shown["uses"], shown["state"]), (0, "live"))

    def test_files_are_handed_out_by_exact_name_with_their_digest(self):
        side = self.sides[0]
        dist = self.root.base / "dist"
        dist.mkdir(exist_ok=True)
        data = bytes(range(256)) * 4096
        (dist / "openinfra-agent-linux-amd64").write_bytes(data)
        (dist / ".hidden").write_bytes(b"x")
        (dist / "link").symlink_to(self.root.token_file)
        got = side.bare("GET", "/dist/openinfra-agent-linux-amd64")
        self.assertEqual((got.status, got.body), (200, data))
        digest = hashlib.sha256(data).hexdigest()
        self.assertEqual(got.headers["X-Checksum-Sha256"], digest)
        head = side.bare("HEAD", "/dist/openinfra-agent-linux-amd64")
        self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(data))))
        for name in (".hidden", "link", "..", "%2e%2e%2fkeys%2froot_token", "absent", "", "../keys/root_token", "."):
            answer = side.bare("GET", "/dist/" + name)
            self.assertIn(answer.status, (400, 404), name)
        order = self.order(self.invite(side)["token"], "digest")
        self.assertEqual(side.register(**order).json()["binary_digest"], "sha256:" + digest)
        (dist / "openinfra-agent-linux-amd64").write_bytes(b"new")
        self.assertEqual(side.bare("GET", "/dist/openinfra-agent-linux-amd64").body, b"new")

    def test_nobody_but_an_admin_manages_invites(self):
        view = {"Authorization": "Bearer " + self.hub.access("view")}
        self.assertProblem(request(self.hub.url + INVITES, headers=view), 403, "ADAOS-A002")
        self.assertProblem(post_json(self.root.url + INVITES, {"ttl_hours": 1}, ca=self.root.ca), 401, "ADAOS-A001")
        of_no_subnet = self.sides[0].call("POST", INVITES, b'{"ttl_hours": 1}')
        self.assertProblem(of_no_subnet, 422, "ADAOS-B007")
        self.assertIn("--subnet", of_no_subnet.json()["detail"])
        self.assertProblem(self.sides[1].post(INVITES, {"ttl_hours": 0}), 422, "ADAOS-B007")

    def test_a_redemption_that_is_not_acceptable_spends_nothing(self):
        side = self.sides[1]
        token = self.invite(side)["token"]
        right = self.order(token, "picky")
        for change in ({"architecture": "mips"}, {"csr_pem": "x"}, {"wg_public_key": "x"}, {"hostname": ""}):
            self.assertEqual(side.register(**{**right, **change}).status, 400, change)
        self.assertEqual(side.register(**right).status, 201)

    def test_the_command_line_makes_lists_and_revokes_invites(self):
        made = self.hub.cli("host", "invite", "create", "--ttl-hours", "24", "--note", "cli", "--wg-ip", "auto").out
        token = re.search(r"(?m)^    (adaos_host_\S+)$", made).group(1)
        self.assertIn(CP_KEY, made)
        self.assertIn("cp.example.org:51820", made)
        address = re.search(r"overlay address: +(\S+)", made).group(1)
        row = next(line for line in self.hub.cli("host", "invite", "list", "--limit", "200").out.splitlines() if line.endswith("cli"))
        self.assertIn(address, row)
        self.assertEqual(self.sides[1].register(**self.order(token, "cli-host")).status, 201)
        self.assertRegex(self.hub.cli("host", "list", "--limit", "200").out, rf"(?m)^cli-host +\S+ +pending +{re.escape(address)} ")
        other = self.hub.cli("host", "invite", "create", "--note", "gone", "--output", "json").json()
        gone = self.hub.cli("host", "invite", "revoke", other["id"], "--json").json()
        self.assertEqual(gone["schema"], "adaos.host-invite-revoked/v1")
        self.assertEqual(self.hub.cli("host", "list", "--json").json()["schema"], "adaos.hosts/v1")
        self.assertNotIn(other["id"], self.hub.cli("host", "invite", "list", "--limit", "200").out)
        far = self.world.node("office").cli(
            "host", "invite", "create", "--payout-pubkey", "K", "--server", self.root.url, "--server-token-file",
            self.root.token_file, "--ca-fingerprint", self.root.pin, "--subnet", self.hub.subnet, "--json").json()
        self.assertEqual(far["overlay_address"], None)
        self.assertFails(self.hub.cli("host", "invite", "create", "--wg-ip", "1.2.3.4", expect=None), 2, "ADAOS-N005")


if __name__ == "__main__":
    harness.main()
