"""Codes and tokens, managed at the hub, at Root over its link, and from elsewhere; the trail of it all."""
import json
import re

import harness
from harness import Case, post_json, request


class Grants(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)

    def token(self, *words):
        return self.hub.cli("node", "join-token", "create", *words, "--json").json()

    def test_a_join_token_is_shown_once_with_what_its_user_needs(self):
        done = self.hub.cli("node", "join-token", "create", "--node-name", "node-1", "--ttl", "10m")
        lines = done.out.splitlines()
        self.assertRegex(lines[0], r"^Join token [0-9a-f-]{36}$")
        self.assertRegex(lines[2], r"^    otx_join_[A-Za-z0-9_-]{43}$")
        self.assertEqual(lines[4], "CA fingerprint:")
        self.assertEqual(lines[6], f"    {self.root.pin}")
        self.assertIn("OTHERIX_BOOTSTRAP__TOKEN", done.out)
        self.assertRegex(done.out, r"(?m)^Expires: \S+Z \(TTL: 10m0s\)\.$")
        self.assertRegex(done.out, r"(?m)^Max uses: 1\.$")
        self.assertRegex(done.out, r"(?m)^Bound to node-name: node-1 \(single-use\)\.$")
        token = lines[2].strip()
        listed = self.hub.cli("enrol", "list", "--include-expired", "--json").out
        self.assertNotIn(token, listed)
        for base in (self.root.base, self.hub.base):
            for file in base.rglob("*"):
                if file.is_file():
                    self.assertNotIn(token.encode(), file.read_bytes(), file)

    def test_a_life_outside_the_limits_is_clamped_and_said_so(self):
        done = self.hub.cli("node", "join-token", "create", "--ttl", "48h")
        self.assertIn("TTL: 24h0m0s", done.out)
        self.assertIn("--ttl is outside the limits", done.err)
        self.assertIn("no limit on uses", done.err)
        strict = self.hub.cli("node", "join-token", "create", "--ttl", "48h", "--strict", expect=None)
        self.assertFails(strict, 2, "ADAOS-N005")
        self.assertFails(self.hub.cli("node", "join-token", "create", "--ttl", "soon", expect=None), 2, "ADAOS-N005")

    def test_join_tokens_are_listed_page_by_page_and_revoked(self):
        made = [self.token("--max-uses", "3", "--note", f"n{i}") for i in range(3)]
        self.assertEqual(made[0]["schema"], "adaos.join-token/v1")
        mine = [token["id"] for token in made]
        table = self.hub.cli("node", "join-token", "list", "--limit", "2").out
        self.assertRegex(table, r"\AID +NODE-NAME +TTL-REMAINING +MAX-USES +CONSUMED +CREATED-BY\n")
        self.assertRegex(table, rf"(?m)^{mine[2]} +- +59m +3 +0 +\S+$")
        cursor = re.search(r"(?m)^next_cursor: (\S+)$", table).group(1)
        second = self.hub.cli("node", "join-token", "list", "--limit", "2", "--cursor", cursor, "--json").json()
        self.assertEqual(second["data"][0]["id"], mine[0])
        self.hub.cli("node", "join-token", "revoke", mine[0])
        self.hub.cli("node", "join-token", "revoke", mine[0])  # again: still so
        live = self.hub.cli("node", "join-token", "list", "--limit", "200", "--json").json()["data"]
        self.assertNotIn(mine[0], [row["id"] for row in live])
        shown = self.hub.cli("enrol", "show", mine[0], "--json").json()
        self.assertEqual((shown["state"], shown["kind"], shown["subnet_id"]), ("revoked", "node", self.hub.subnet))
        self.assertEqual(self.hub.cli("node", "join-token", "consumptions", mine[1], "--json").json()["data"], [])
        unknown = "00000000-0000-4000-8000-000000000000"
        for words in (("enrol", "show"), ("enrol", "revoke"), ("node", "join-token", "consumptions")):
            self.assertFails(self.hub.cli(*words, unknown, expect=None), 3, "ADAOS-B002")
            self.assertFails(self.hub.cli(*words, "42", expect=None), 2, "ADAOS-N005")

    def test_an_id_of_another_kind_is_not_found(self):
        self.hub.cli("hub", "join-code", "create")
        code = self.hub.cli("hub", "join-code", "list", "--limit", "1", "--json").json()["data"][0]["id"]
        token = self.token()["id"]
        for noun, verb, other in (("node", "revoke", code), ("node", "consumptions", code), ("hub", "revoke", token)):
            words = (noun, {"node": "join-token", "hub": "join-code"}[noun], verb, other)
            self.assertFails(self.hub.cli(*words, expect=None), 3, "ADAOS-B002")
        for mine in (code, token):
            self.assertEqual(self.hub.cli("enrol", "show", mine, "--json").json()["state"], "live")

    def test_a_filter_that_nothing_could_match_is_refused_with_the_words_that_could(self):
        for option, words in (("--state", "live, exhausted, expired, revoked or superseded"),
                              ("--kind", "member, node, host, bootstrap or hub")):
            done = self.hub.cli("enrol", "list", option, "foo", expect=None)
            self.assertFails(done, 2, "ADAOS-N005")
            self.assertIn(words, done.err)

    def test_both_books_are_listed_and_a_grant_is_found_in_either(self):
        made = {"root": self.token()["id"], "local": self.hub.cli("node", "join-token", "create", "--local", "--json").json()["id"]}
        invite = self.hub.cli("host", "invite", "create", "--json").json()["id"]
        table = self.hub.cli("enrol", "list", "--limit", "200").out
        self.assertIn("AUTHORITY", table.splitlines()[0])
        for authority, grant in (*made.items(), ("local", invite)):
            self.assertRegex(table, rf"(?m)^{grant} .* {authority} ")
            self.assertEqual(self.hub.cli("enrol", "show", grant, "--json").json()["authority"], authority)
            ended = self.hub.cli("enrol", "revoke", grant, "--json")
            self.assertEqual((ended.json()["state"], ended.out[-1]), ("revoked", "\n"))
        self.assertEqual(self.hub.cli("enrol", "list", "--json").out[-1], "\n")
        self.assertFails(self.hub.cli("host", "invite", "list", "--local", expect=None), 2, "ADAOS-N004")

    def test_a_join_code_is_listed_by_its_slot_and_revoked(self):
        code = self.hub.join_code()["code"]
        rows = self.hub.cli("hub", "join-code", "list", "--json", "--limit", "200").json()["data"]
        row = next(r for r in rows if r["slot"] == code[:2])
        self.hub.cli("hub", "join-code", "revoke", row["id"])
        late = self.world.node("late").cli("node", "join", "--code", code, "--root", self.root.url, expect=None)
        self.assertFails(late, 12, "ADAOS-J020")

    def test_five_wrong_tries_burn_a_code(self):
        made = self.hub.join_code("--local")
        code = made["code"].replace("-", "")
        wrong = code[:7] + ("A" if code[7] != "A" else "B")
        for i in range(5):
            done = self.world.node(f"guess{i}").cli("node", "join", "--code", wrong, "--root", self.hub.url, expect=None)
            self.assertFails(done, 10, "ADAOS-J015")
        late = self.world.node("owner").cli("node", "join", "--code", code, "--root", self.hub.url, "--timeout", "5", expect=None)
        self.assertIn(late.code, (12, 13), late.err)
        again = self.hub.join_code("--local")["code"]
        self.world.node("owner").cli("node", "join", "--code", again, "--root", self.hub.url, "--timeout", "60")

    def test_root_is_asked_from_elsewhere_with_its_token(self):
        made = self.world.node("office").cli(
            "node", "join-token", "create", "--server", self.root.url, "--server-token-file", self.root.token_file,
            "--ca-fingerprint", self.root.pin, "--subnet", self.hub.subnet, "--json").json()
        self.assertEqual(made["ca_fingerprint_sha256"], self.root.pin.removeprefix("sha256:"))
        self.assertIn(made["id"], self.hub.cli("enrol", "list", "--limit", "200").out)
        self.assertNotIn(made["id"], self.hub.cli("enrol", "list", "--limit", "200", "--local").out)
        stranger = post_json(self.root.url + "/v1/enrol/grants", {"kind": "node", "subnet_id": self.hub.subnet}, ca=self.root.ca)
        self.assertProblem(stranger, 401, "ADAOS-A001")
        bearer = {"Authorization": "Bearer " + made["token"]}
        for path in ("/v1/enrol/grants", "/v1/audit", "/v1/nodes"):
            self.assertProblem(request(self.root.url + path, ca=self.root.ca, headers=bearer), 401, "ADAOS-A001")

    def test_root_has_tokens_of_its_own_that_end_when_they_are_revoked(self):
        at_root = ["--server", self.root.url, "--ca-fingerprint", self.root.pin]
        by_root_token = [*at_root, "--server-token-file", self.root.token_file]
        made = self.hub.cli("access", "create", "--name", "ops", "--scope", "operator", *by_root_token)
        token = made.out.strip()
        self.assertRegex(token, r"^adaos_at_[A-Za-z0-9_-]{43}$")
        self.assertNotIn(token, made.err)
        by_token = [*at_root, "--server-token-stdin"]
        bearer = {"Authorization": "Bearer " + token}
        self.assertEqual(request(self.root.url + "/v1/nodes", ca=self.root.ca, headers=bearer).status, 200)
        refused = self.hub.cli("access", "list", *by_token, stdin=token, expect=None)
        self.assertFails(refused, 40, "ADAOS-A002")

        row = next(line for line in self.hub.cli("access", "list", *by_root_token).out.splitlines() if " ops " in line)
        self.assertEqual(self.hub.cli("access", "revoke", "ops", *by_root_token, expect=None).code, 2)
        self.assertIn("revoked", self.hub.cli("access", "revoke", row.split()[0], *by_root_token).out)
        nobody = self.hub.cli("access", "revoke", "00000000-0000-4000-8000-000000000000", *by_root_token, expect=None)
        self.assertFails(nobody, 3, "ADAOS-B002")
        self.assertIn("no such access token; adaos access list", nobody.err)
        self.assertProblem(request(self.root.url + "/v1/nodes", ca=self.root.ca, headers=bearer), 401, "ADAOS-A001")
        # A hub decides for itself: its tokens are not Root's.
        self.assertNotIn(" ops ", self.hub.cli("access", "list").out)

    def test_the_trail_is_checked_offline_and_a_bad_record_is_named(self):
        for _ in range(2):
            self.token()
        said = self.root.cli("audit", "verify")
        self.assertEqual(said.code, 0, said.err)
        rows, head = re.match(r"(\d+) audit rows, none changed or missing up to the last\nlast hash ([0-9a-f]{64})\n$", said.out).groups()
        trail = self.root.cli("audit", "export").out
        lines = trail.splitlines()
        self.assertEqual(len(lines), int(rows))
        file = self.world.folder / "trail.ndjson"
        for change, words in ((lambda: None, f"{rows} audit rows"),
                              (lambda: lines.pop(2), "audit row 3"),
                              (lambda: lines.append(lines.pop()), "audit row 3")):
            change()
            file.write_text("\n".join(lines) + "\n")
            done = self.root.cli("audit", "verify", "--file", str(file))
            self.assertIn(words, done.out + done.err)
        self.assertEqual(done.code, 78)
        file.write_text("\n".join(trail.splitlines()[:-1]) + "\n")  # cut off at the end: only a noted hash tells
        cut = self.root.cli("audit", "verify", "--file", str(file))
        self.assertEqual(cut.code, 0)
        noted = self.root.cli("audit", "verify", "--file", str(file), "--head", head)
        self.assertEqual(noted.code, 78)
        listed = self.root.cli("audit", "list", "--event", "minted", "--json").out
        self.assertEqual({json.loads(line)["event"] for line in listed.splitlines()}, {"minted"})

    def test_a_hubs_own_trail_is_checked_with_the_same_words(self):
        for _ in range(2):
            self.hub.cli("hub", "join-code", "create", "--local")
        self.assertRegex(self.hub.cli("audit", "verify").out, r"^[1-9]\d* audit rows, none changed or missing up to the last\nlast hash [0-9a-f]{64}\n$")
        first, *rest = self.hub.cli("audit", "export").out.splitlines(keepends=True)
        self.assertEqual(self.hub.cli("audit", "verify", "--file", "-", stdin="".join([first, *rest])).code, 0)
        self.assertIn("audit row 1", self.hub.cli("audit", "verify", "--file", "-", stdin="".join(rest), expect=78).err)
        self.assertFails(self.hub.cli("audit", "verify", "--file", "-", expect=None), 2, "it has no audit row, so it proves nothing")
        found = json.loads(self.hub.cli("audit", "list", "--limit", "1", "--event", "minted", "--json").out)
        self.assertEqual((found["event"], found["actor"]), ("minted", "local"))
        refused = self.hub.cli("audit", "list", "--event", "nonsense", expect=None)
        self.assertFails(refused, 2, "--event: one of minted, ")

    def test_roots_trail_tells_of_a_hub_by_its_node_id(self):
        node_id = self.hub.status()["node_id"]
        rows = [json.loads(line) for line in self.root.cli("audit", "list", "--node", node_id, "--json").out.splitlines()]
        self.assertEqual([(row["event"], row["detail"]) for row in rows][:1], [("redeemed", "hub")])


if __name__ == "__main__":
    harness.main()
