"""The trail is complete: what became of a node can be told from it alone, and why each refused secret was refused."""
import pathlib
import re

import harness
from authorities import arrange_sides
from harness import Case
from machines import heartbeat, make_csr

SLUGS = dict(re.findall(r"(?m)^## (ADAOS-\w+) (\S+)$",
                        (pathlib.Path(__file__).parents[2] / "docs" / "errors.md").read_text()))
# What each event makes of a node.
ENROLMENT = {"invited": "invited", "redeemed": "pending", "sealed": "active", "removed": "deleted"}
SCHEDULING = {"cordoned": "cordoned", "uncordoned": "open", "draining": "draining"}


def rebuild(rows, node_id):
    """The node, told from the trail: its rows, those of its grants, and what they make of it."""
    mine = {row["grant_id"] for row in rows if row["node_id"] == node_id and row["grant_id"]}
    story = [row for row in rows if row["node_id"] == node_id or row["grant_id"] in mine]
    node = {"scheduling": "open", "name": "", "uses": 0, "events": [row["event"] for row in story]}
    for row in story:
        node["enrolment"] = ENROLMENT.get(row["event"], node.get("enrolment"))
        node["scheduling"] = SCHEDULING.get(row["event"], node["scheduling"])
        node["uses"] += row["event"] == "redeemed"
        if row["event"] == "redeemed":
            node["name"] = row["detail"]
    return node


class Trail(Case):
    @classmethod
    def arrange(cls):
        arrange_sides(cls)

    def compare(self, side, node_id, shown):
        told = rebuild(side.trail(), node_id)
        self.assertEqual({key: told[key] for key in ("name", "enrolment", "scheduling")},
                         {key: shown[key] for key in ("name", "enrolment", "scheduling")})
        return told

    def test_the_story_of_a_node_is_told_by_the_trail_alone(self):
        side = self.sides[1]
        node_id = side.invite_node()
        path = f"/api/v1/admin/nodes/{node_id}"
        shown = lambda: side.admin.call("GET", path).json()
        name = shown()["name"]
        mint = lambda: side.cli("node", "bootstrap-script", node_id)["bootstrap_token"]
        old, token = mint(), mint()
        self.assertEqual(rebuild(side.trail(), node_id)["enrolment"], shown()["enrolment"])
        self.assertEqual(side.use("bootstrap", old).status, 410)
        self.assertEqual(side.admin.bare("GET", f"/api/v1/bootstrap/nodes/{token}/script").status, 200)
        folder = self.world.folder / "story"
        folder.mkdir()
        more = {"csr_pem": make_csr(folder, "story"), "redeem_id": "0" * 32}
        first = side.use("bootstrap", token, **more)
        self.assertEqual(first.status, 201, first.body)
        self.compare(side, node_id, shown())
        self.assertTrue(side.use("bootstrap", token, **more).json()["replayed"])
        self.assertEqual(heartbeat(side.server, name, first.json()["cert_pem"], folder / "story.key"), 200)
        self.compare(side, node_id, shown())
        self.assertEqual(side.use("bootstrap", token, **more).status, 409)
        for command, times in (("cordon", 2), ("uncordon", 2), ("cordon", 1), ("uncordon", 1)):
            for _ in range(times):  # what changes nothing is no event
                self.assertEqual(side.admin.call("POST", f"/v1/nodes/{name}/{command}").status, 200)
            self.compare(side, node_id, shown())
        self.assertEqual(side.admin.call("DELETE", f"/v1/nodes/{name}").status, 204)
        told = rebuild(side.trail(), node_id)
        self.assertEqual(side.admin.call("GET", path).status, 404)
        self.assertEqual((told["enrolment"], told["uses"]), ("deleted", 1))
        self.assertEqual(told["events"], ["invited", "minted", "minted", "superseded", "rejected", "fetched", "redeemed", "replayed",
                                          "sealed", "rejected", "cordoned", "uncordoned", "cordoned", "uncordoned", "removed"])

    def test_the_story_of_a_node_of_root_is_told_by_roots_trail_alone(self):
        side = self.sides[0]
        story = lambda node_id: rebuild(side.trail(), node_id)
        grant, folder = side.mint("node"), self.world.folder / "far-story"
        folder.mkdir()
        joined = side.use("node", grant.secret, node_name="far", csr_pem=make_csr(folder, "far")).json()
        self.assertEqual(story(joined["node_id"])["events"], ["minted", "redeemed"])
        self.assertEqual(heartbeat(side.server, "far", joined["cert_pem"], folder / "far.key"), 200)
        self.assertEqual(side.admin.call("POST", "/v1/nodes/far/cordon").status, 200)
        shown = side.admin.call("GET", "/v1/nodes/far").json()
        told = story(joined["node_id"])
        self.assertEqual((told["enrolment"], told["scheduling"], told["name"]),
                         (shown["enrolment"], shown["scheduling"], shown["name"]))
        self.assertEqual(side.admin.call("DELETE", "/v1/nodes/far").status, 204)
        told = story(joined["node_id"])
        self.assertEqual((told["enrolment"], told["uses"]), ("deleted", 1))
        # Whether Root or its hub's report is first to say that the node is gone, it is said once.
        self.assertEqual(told["events"][:6], ["minted", "redeemed", "sealed", "ordered", "cordoned", "answered"])
        self.assertCountEqual(told["events"][6:], ["ordered", "answered", "removed"])

    def refusals(self, side):
        """(the reason that belongs in the trail, the grant that it names, an attempt that is refused for it)"""
        used = side.mint("member")
        self.assertEqual(side.use("member", used.secret).status, 200)
        revoked, boot = side.mint("node"), side.mint("bootstrap")
        side.cli("node", "join-token", "revoke", revoked.id)
        side.cli("node", "bootstrap-script", boot.node_id)
        bound = side.cli("node", "join-token", "create", "--node-name", "right")
        claims = side.cli("host", "invite", "create", "--payout-pubkey", "So1")
        holder = make_csr(self.world.folder, f"holder-{side.name}")
        held = side.use("node", side.mint("node").secret, node_name=f"held-{side.name}", csr_pem=holder)
        self.assertEqual(held.status, 201, held.body)
        yield "code-used", used.id, side.use("member", used.secret)
        yield "code-unknown", "", side.use("member", "ABCD-EFGH")
        yield "token-unknown", "", side.use("node", "otx_join_" + "A" * 43)
        yield "token-unknown", "", side.use("host", revoked.secret)
        yield "grant-revoked", revoked.id, side.use("node", revoked.secret)
        yield "grant-revoked", boot.id, side.use("bootstrap", boot.secret)
        yield "grant-revoked", boot.id, side.admin.bare("GET", f"/api/v1/bootstrap/nodes/{boot.secret}/script")
        yield "grant-bound", bound["id"], side.use("node", bound["token"], node_name="wrong")
        yield "claim-mismatch", claims["id"], side.use("host", claims["token"], payout_pubkey="So2")
        fleet = side.mint("node")
        yield "name-taken", fleet.id, side.use("node", fleet.secret, node_name=f"held-{side.name}")

    def test_what_is_refused_unjudged_is_counted_by_its_sender_its_door_and_its_reason(self):
        for side in self.sides:
            invite = side.mint("host")
            told = lambda: [(row["actor"], row["detail"]) for row in side.trail("&event=refused")]
            attempts = (("member", "0O1I", {}, "code-malformed"), ("member", " - ", {}, "code-blank"),
                        ("host", invite.secret, {"csr_pem": "no request"}, "csr-refused"),
                        ("node", "otx_join_" + "A" * 43, {"node_name": "A B"}, "validation-failed"))
            for kind, secret, more, reason in attempts:
                with self.subTest(authority=side.name, reason=reason):
                    before, judged = told(), len(side.trail("&event=rejected"))
                    self.assertIn(side.use(kind, secret, **more).status, (400, 422))
                    rows = [row for row in told() if row not in before]
                    self.assertEqual(len(rows), 1, rows)
                    self.assertRegex(rows[0][1], rf"^reason={reason} door=/\S+ count=1$")
                    self.assertRegex(rows[0][0], r"^127\.0\.\d+\.\d+$")
                    self.assertEqual(len(side.trail("&event=rejected")), judged)

    def test_every_refused_secret_is_one_row_with_its_reason_and_its_sender(self):
        for side in self.sides:
            count = len(side.trail("&event=rejected"))
            for reason, grant_id, answer in self.refusals(side):
                with self.subTest(authority=side.name, reason=reason):
                    self.assertGreaterEqual(answer.status, 400)
                    rows = side.trail("&event=rejected")
                    self.assertEqual(len(rows), count + 1)
                    count += 1
                    self.assertEqual((rows[-1]["detail"], rows[-1]["grant_id"]), (reason, grant_id), answer.body)
                    self.assertRegex(rows[-1]["actor"], r"^127\.0\.\d+\.\d+$")
            for row in side.trail("&event=rejected"):
                self.assertIn(row["detail"], SLUGS.values())


if __name__ == "__main__":
    harness.main()
