"""The operator's commands for nodes, with real processes."""
import json
import pathlib
import platform
import ssl
import urllib.parse
import http.client

import harness
from harness import Case, request, until

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "-")


class NodeCommands(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.member = cls.joined("member")

    @classmethod
    def joined(cls, name):
        node = cls.world.node(name)
        code = cls.hub.join_code()["code"]
        answer = node.cli("node", "join", "--code-stdin", "--root", cls.root.url, "--ca-fingerprint", cls.root.pin,
                          "--json", stdin=code).json()
        node.id, node.name_there = answer["node_id"], answer["node_name"]
        node.start()
        node.wait_connected()
        return node

    def get(self, node, expect=0):
        return self.hub.cli("node", "get", node.name_there, "--json", expect=expect).json()

    def settled(self, node, **wanted):
        def as_wanted():
            found = self.get(node)
            return found if all(found[k] == v for k, v in wanted.items()) else None
        return until(f"{node.name} is {wanted}", as_wanted)

    def test_the_list_is_a_table_and_json(self):
        self.settled(self.member, status="ready", provisioning="provisioned")
        done = self.hub.cli("node", "list")
        self.assertRegex(done.out, r"\ANAME +ARCH +STATUS +CORDONED +AGE\n")
        self.assertRegex(done.out, rf"(?m)^{self.member.name_there} +{ARCHITECTURE} +ready +no +\d+[smh]$")
        self.assertIn(self.member.id, self.hub.cli("node", "list", "--show-ids").out)
        for flag in (("--json",), ("--output", "json")):
            found = self.hub.cli("node", "list", *flag).json()
            self.assertEqual(found["schema"], "adaos.nodes/v1")
            self.assertIsNone(found["meta"]["next_cursor"])
            row = next(n for n in found["data"] if n["id"] == self.member.id)
            self.assertEqual((row["status"], row["liveness"], row["placeable"]), ("ready", "connected", True))
        self.assertNotIn(self.member.name_there + " ", self.hub.cli("node", "list", "--status", "pending").out)
        first = self.hub.cli("node", "list", "--limit", "1").out.splitlines()
        self.assertRegex(first[-1], r"^next_cursor: [0-9a-f]+$")
        second = self.hub.cli("node", "list", "--limit", "1", "--cursor", first[-1].split()[1]).out.splitlines()
        self.assertNotEqual(first[1].split()[0], second[1].split()[0])

    def test_names_are_for_people_and_ids_are_refused(self):
        self.assertFails(self.hub.cli("node", "get", self.member.id, expect=None), 2, "ADAOS-B008")
        self.assertFails(self.hub.cli("node", "get", "nobody", expect=None), 3, "ADAOS-R003")
        self.assertFails(self.member.cli("node", "list", expect=None), 2, "ADAOS-J009")

    def test_cordon_outlives_the_node_and_hides_no_death(self):
        node = self.joined("cordoned")
        name = node.name_there
        self.assertEqual(self.hub.cli("node", "cordon", name).out, f"{name}: cordoned, connected\n")
        self.assertRegex(self.hub.cli("node", "list").out, rf"(?m)^{name} +\S+ +cordoned +yes ")
        node.kill()
        found = self.settled(node, liveness="stale")
        self.assertEqual((found["status"], found["cordoned_by"]), ("cordoned", "local"))
        for _ in range(2):
            self.hub.cli("node", "uncordon", name)
        node.start()
        self.settled(node, status="ready", liveness="connected")

    def test_a_pause_outlives_the_node_and_the_hub_does_not_forget(self):
        node = self.joined("paused")
        name = node.name_there
        self.assertEqual(self.hub.cli("node", "pause", name).out, f"{name}: ready, paused, connected\n")
        state = node.base / "state" / "provisioning.json"
        self.assertEqual(json.loads(state.read_text())["state"], "paused")
        node.kill()
        self.settled(node, liveness="stale")
        self.assertFails(self.hub.cli("node", "resume", name, expect=None), 5, "ADAOS-R004")
        node.start()
        node.wait_connected()
        self.assertEqual(self.settled(node, liveness="connected")["provisioning"], "paused")
        self.assertEqual(node.status()["provisioning"], "paused")
        self.hub.cli("node", "resume", name)
        self.assertEqual(json.loads(state.read_text())["state"], "provisioned")

    def test_a_deleted_node_loses_its_link_and_its_name(self):
        node = self.joined("deleted")
        name = node.name_there
        self.assertEqual(self.hub.cli("node", "drain", name).out, f"{name}: cordoned, connected\n")
        self.assertEqual(self.hub.cli("node", "delete", name, "--json").json(),
                         {"schema": "adaos.node-deleted/v1", "ok": True, "name": name})
        until("the link is gone", lambda: node.status()["connected_to_hub"] is False, 2.0)
        self.assertFails(self.hub.cli("node", "delete", name, "--force", expect=None), 3, "ADAOS-R003")
        self.assertFails(self.hub.cli("node", "get", name, expect=None), 3, "ADAOS-R003")
        self.assertFails(self.hub.cli("node", "delete", node.id, expect=None), 3, "ADAOS-R003")

    def test_a_node_is_deleted_by_its_id_too(self):
        node = self.joined("by-id")
        self.assertEqual(self.hub.cli("node", "delete", node.id).out,
                         f"{node.name_there}: deleted; its name is free again\n")
        until("the link is gone", lambda: node.status()["connected_to_hub"] is False, 2.0)
        self.assertNotIn(node.id, self.hub.cli("node", "list", "--show-ids").out)

    def beat(self, name, body, keys=None, at=None):
        """POST of a heartbeat over TLS with the certificate of a node's key folder; None: refused in the handshake."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the server proves itself elsewhere
        if keys:
            context.load_cert_chain(*keys)
        where = urllib.parse.urlsplit((at or self.hub).url)
        connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=30, context=context)
        try:
            connection.request("POST", f"/v1/nodes/{name}/heartbeat", body=body, headers={"Content-Type": "application/json"})
            reply = connection.getresponse()
            return harness.Answer(reply.status, reply.headers, reply.read(), 0.0)
        except (ssl.SSLError, ConnectionError):
            return None
        finally:
            connection.close()

    def test_a_node_may_post_its_heartbeat_and_nobody_elses(self):
        name = self.member.name_there
        folder = self.member.base / "keys"
        own = (folder / "member_cert.pem", folder / "member_private.pem")
        self.assertEqual(self.beat(name, b'{"labels":{"room":"garage"}}', own).status, 200)
        self.assertEqual(self.get(self.member)["labels"], {"room": "garage"})
        self.assertProblem(self.beat(name, b"{}"), 401, "ADAOS-A001")
        self.assertProblem(self.beat("nobody", b"{}", own), 401, "ADAOS-A001")
        self.assertProblem(self.beat(name, b'{"uptime":1}', own), 400, "ADAOS-B008")
        self.assertProblem(self.beat(name, b"[]", own), 400, "ADAOS-B001")
        other = "arm64" if ARCHITECTURE == "amd64" else "amd64"
        self.assertProblem(self.beat(name, json.dumps({"architecture": other}).encode(), own), 409, "ADAOS-R013")
        self.assertProblem(self.beat(name, b"{}", own, self.root), 409, "ADAOS-R012")
        stranger = self.world.registered_hub(self.world.root("elsewhere").start(), "stranger")
        keys = stranger.base / "keys"
        self.assertIsNone(self.beat(name, b"{}", (keys / "hub_cert.pem", keys / "hub_private.pem")))

    def test_root_has_the_same_routes_for_all_subnets(self):
        token = {"X-Root-Token": pathlib.Path(self.root.token_file).read_text().strip()}
        path = self.root.url + "/v1/nodes"
        self.assertProblem(request(path, ca=self.root.ca), 401, "ADAOS-A001")

        def row():
            found = request(path + "?limit=200&subnet=" + self.hub.subnet, ca=self.root.ca, headers=token).json()["data"]
            row = next((n for n in found if n["id"] == self.member.id), None)
            return row if row and row["status"] == "ready" else None
        self.assertEqual(until("Root knows the member", row, 40.0)["subnet_id"], self.hub.subnet)
        by_id = request(f"{self.root.url}/api/v1/admin/nodes/{self.member.id}", ca=self.root.ca, headers=token).json()
        self.assertEqual(by_id["name"], self.member.name_there)

        at_root = ["--server", self.root.url, "--server-token-file", self.root.token_file, "--ca-fingerprint", self.root.pin]
        office = self.world.node("office")
        listed = office.cli("node", "list", "--show-ids", *at_root, "--subnet", self.hub.subnet).out
        self.assertIn(self.member.id, listed)
        self.assertFails(office.cli("node", "list", *at_root, "--subnet", "home", expect=None), 2, "ADAOS-N005")
        got = office.cli("node", "get", self.member.name_there, *at_root, "--json").json()
        self.assertEqual(got["id"], self.member.id)
        for command, status in (("cordon", "cordoned"), ("uncordon", "ready")):
            said = office.cli("node", command, self.member.name_there, *at_root, "--subnet", self.hub.subnet).out
            self.assertEqual(said, f"{self.member.name_there}: {status}, connected\n")
        text = office.cli("node", "get", self.member.name_there, *at_root).out
        self.assertNotIn("schema", text)


if __name__ == "__main__":
    harness.main()
