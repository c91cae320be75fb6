"""Four kinds of secret, one system: made on four surfaces and listed as one, told apart at every door, and kept
nowhere. At Root and at a hub alike. Which test proves what: tests/acceptance.md."""
import collections
import threading

import harness
from authorities import KINDS, Authority, arrange_sides
from harness import Case
from machines import make_csr

BEARERS = ("Authorization", "X-Root-Token", "X-AdaOS-Token")
ROUTES = [  # method, path; `{node}`: the hub's id, `{grant}`: the grant whose secret is shown
    ("GET", "/v1/nodes"), ("GET", "/v1/audit"), ("GET", "/v1/enrol/grants"), ("GET", "/v1/enrol/grants/{grant}"),
    ("GET", "/v1/enrol/grants/{grant}/audit"), ("GET", "/v1/nodes/join-tokens"), ("GET", "/api/v1/admin/host-invites"),
    ("GET", "/api/v1/admin/hosts"), ("GET", "/api/v1/admin/nodes/{node}"), ("POST", "/v1/nodes/nobody/cordon"),
    ("DELETE", "/v1/nodes/nobody"), ("DELETE", "/v1/enrol/grants/00000000-0000-4000-8000-000000000000")]


class Acceptance(Case):
    @classmethod
    def arrange(cls):
        arrange_sides(cls)

    def assertKeptNowhere(self, side: Authority, grants):
        files, trail = side.files(), side.export()
        names = {path.name for path in files}
        self.assertTrue(any(name.endswith("-wal") for name in names), names)
        if not side.admin.is_root:
            self.assertIn("join_codes.json", names)
        everything = b"".join(files.values())
        for grant in grants:
            self.assertIn(grant.id.encode(), everything)  # the search finds what is there
            self.assertIn(grant.id.encode(), trail)
            for text in grant.spellings():
                self.assertNotIn(text.encode(), trail, grant.kind)
                found = [str(path) for path, data in files.items() if text.encode() in data]
                self.assertEqual(found, [], f"a {grant.kind} secret in plain text")

    def test_four_surfaces_make_four_kinds_in_one_list_and_no_secret_is_kept(self):
        for side in self.sides:
            with self.subTest(authority=side.name):
                grants = [side.mint(kind) for kind in KINDS]
                listed = side.cli("enrol", "list", "--limit", "200")
                rows = {row["id"]: row for row in listed["data"]}
                self.assertEqual([rows[grant.id]["kind"] for grant in grants], list(KINDS))
                self.assertEqual({rows[grant.id]["state"] for grant in grants}, {"live"})
                self.assertKeptNowhere(side, grants)
                for grant in grants:  # nor by its use, nor by who comes too late
                    done = side.use(grant.kind, grant.secret)
                    self.assertIn(done.status, (200, 201), (grant.kind, done.body))
                    late = side.use(grant.kind, grant.secret)
                    self.assertEqual(late.status, 401 if grant.kind == "node" else 409, (grant.kind, late.body))
                    self.assertEqual((side.show(grant)["state"], side.show(grant)["uses"]), ("exhausted", 1))
                    for spelling in grant.spellings():
                        self.assertNotIn(spelling.encode(), late.body)
                self.assertKeptNowhere(side, grants)

    def test_a_secret_is_unknown_at_every_other_kinds_door_and_spends_nothing_there(self):
        for side in self.sides:
            with self.subTest(authority=side.name):
                for grant in [side.mint(kind) for kind in KINDS]:
                    for door in ("member", "node", "host"):
                        if door == grant.kind:
                            continue
                        got = side.use(door, grant.secret)
                        allowed = {"member": (404, 422), "node": (401,), "host": (401,)}[door]
                        self.assertIn(got.status, allowed, (grant.kind, door, got.body))
                    if grant.kind != "bootstrap":
                        for what in ("script", "registry-credential", "package"):
                            got = side.admin.bare("GET", f"/api/v1/bootstrap/nodes/{grant.secret}/{what}")
                            self.assertProblem(got, 404, "ADAOS-J016")
                            got = side.admin.bare("GET", f"/api/v1/bootstrap/nodes/self/{what}", X_Bootstrap_Token=grant.secret)
                            self.assertProblem(got, 404, "ADAOS-J016")
                    other = next(s for s in self.sides if s is not side)
                    self.assertIn(other.use(grant.kind, grant.secret).status, (401, 404), f"{grant.kind} at the other authority")
                    shown = side.show(grant)
                    self.assertEqual((shown["uses"], shown["state"]), (0, "live"), grant.kind)
                    self.assertEqual(side.redemptions(grant), [])
                    done = side.use(grant.kind, grant.secret)  # and is still good for what it is
                    self.assertIn(done.status, (200, 201), (grant.kind, done.body))

    def test_a_secret_is_no_bearer_on_routes_that_an_admin_may_use(self):
        node_id = self.hub.status()["node_id"]
        for side in self.sides:
            with self.subTest(authority=side.name):
                for grant in [side.mint(kind) for kind in KINDS]:
                    for method, path in ROUTES:
                        path = path.format(node=node_id, grant=grant.id)
                        for header in BEARERS:
                            value = f"Bearer {grant.secret}" if header == "Authorization" else grant.secret
                            got = side.admin.bare(method, path, **{header.replace("-", "_"): value})
                            self.assertEqual(got.status, 401, (grant.kind, method, path, header, got.body))
                        real = side.admin.call(method, path)
                        self.assertIn(real.status, (200, 404), (method, path, real.body))  # the route is there
                    self.assertEqual((side.show(grant)["uses"], side.show(grant)["state"]), (0, "live"), grant.kind)

    def test_a_token_for_five_admits_five_of_forty_and_lists_where_they_came_from(self):
        for side in self.sides:
            csrs = [make_csr(self.world.folder, f"one-of-forty-{side.name}-{i}") for i in range(40)]  # who has one key is one node
            with self.subTest(authority=side.name):
                made = side.cli("node", "join-token", "create", "--max-uses", "5")
                answers, gate = [], threading.Barrier(40)

                def send(csr):
                    gate.wait(60)
                    answers.append(side.use("node", made["token"], csr_pem=csr))

                threads = [threading.Thread(target=send, args=(csr,)) for csr in csrs]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(collections.Counter(a.status for a in answers), {201: 5, 401: 35})
                rows = side.cli("node", "join-token", "consumptions", made["id"])["data"]
                admitted = {a.json()["node_id"] for a in answers if a.status == 201}
                self.assertEqual(len(admitted), 5)
                self.assertEqual(sorted(row["consumed_by_node_id"] for row in rows), sorted(admitted))
                self.assertEqual(len({row["source_ip"] for row in rows}), 5)
                for row in rows:
                    self.assertRegex(row["source_ip"], r"^127\.0\.\d+\.\d+$")

    def test_a_code_may_be_typed_in_any_case_with_or_without_dash_and_blanks(self):
        for side in self.sides:
            typed = {"as shown": str, "lower case": str.lower, "no dash": lambda c: c.replace("-", ""),
                     "blanks": lambda c: f"  {' '.join(c.replace('-', '').lower())}\t", "halves": lambda c: c.replace("-", " ")}
            for how, spell in typed.items():
                with self.subTest(authority=side.name, typed=how):
                    grant = side.mint("member")
                    done = side.use("member", spell(grant.secret))
                    self.assertEqual(done.status, 200, done.body)
                    self.assertEqual(done.json()["diagnostics"]["grant_id"], grant.id)
                    grant = side.mint("member")  # and proved by the command, which sends no code
                    node = self.world.node(f"typed-{side.name}-{how.replace(' ', '-')}")
                    pin = ("--ca-fingerprint", self.root.pin) if side.admin.is_root else ()
                    node.cli("node", "join", "--code", spell(grant.secret), "--root", side.server.url, *pin)
                    self.assertEqual(side.show(grant)["uses"], 1)

    def test_who_guesses_waits_and_who_has_the_code_does_not(self):
        for side in self.sides:
            with self.subTest(authority=side.name):
                grant = side.mint("member")
                first = "B" if grant.secret[0] == "A" else "A"  # another slot: the code itself is not burned
                wrong = lambda: side.use_from("127.9.9.9", "member", first + grant.secret[1:])
                statuses = collections.Counter(wrong().status for _ in range(max(200, harness.rounds(200, 10_000))))
                self.assertEqual(set(statuses), {404, 429})
                self.assertLess(statuses[404], statuses[429])
                self.assertGreaterEqual(int(wrong().headers["Retry-After"]), 1)
                done = side.use("member", grant.secret)
                self.assertEqual(done.status, 200, done.body)


if __name__ == "__main__":
    harness.main()
