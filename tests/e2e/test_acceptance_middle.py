"""Somebody between a joining machine and Root, with a certificate of his own: passes on, changes, answers himself."""
import base64
import json
import pathlib

import harness
from harness import Case, request, snapshot
from test_agent import ca_entry, control_plane, make_ca, make_server_chain


class Middle(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        folder = cls.world.folder / "middle"
        folder.mkdir()
        cls.evil, key = make_ca(folder, "evil")
        cls.chain = make_server_chain(folder, cls.evil, key)
        cls.count = 0

    def pass_on(self, method, path, body):
        got = request(self.root.url + path, method, ca=self.root.ca, body=body or None, headers={"Content-Type": "application/json"})
        return got.status, got.body.decode()

    def changed(self, path, field):
        """Passes everything on, but one byte of this field of the answer at this path."""
        def answers(method, asked, body):
            status, text = self.pass_on(method, asked, body)
            if asked != path:
                return status, text
            value = json.loads(text)
            value[field] = ("B" if value[field][0] == "A" else "A") + value[field][1:]
            return status, json.dumps(value)

        return answers

    def lie(self, method, path, body):
        """Answers as if he were Root."""
        if path == "/v1/ca":
            return 200, json.dumps({"cas": [ca_entry(self.evil)], "signer_fingerprint_sha256": ca_entry(self.evil)["fingerprint_sha256"]})
        return 200, json.dumps({"ok": True, "subnet_id": self.hub.subnet, "cert_pem": self.evil.read_text(), "ca_pem": self.evil.read_text()})

    def join(self, url, code, *words):
        type(self).count += 1
        node = self.world.node(f"caught{self.count}")
        before = snapshot(node.base)
        done = node.cli("node", "join", "--code", code, "--root", url, "--timeout", "3", *words, expect=None)
        return done, snapshot(node.base) == before

    def uses(self, code):
        rows = self.hub.cli("enrol", "list", "--kind", "member", "--include-expired", "--limit", "200", "--json").json()["data"]
        return next(row["uses"] for row in rows if row["slot"] == code[:2] and row["state"] in ("live", "exhausted"))

    def assertNoCode(self, seen, code):
        plain = code.replace("-", "")
        sent = b"".join(path.encode() + body for _, path, body in seen)
        for text in (code, plain, plain[2:]):
            self.assertNotIn(text.encode(), sent)
            self.assertNotIn(text.lower().encode(), sent)

    def assertGivesUp(self, finish):
        """It says that the run is over, and nothing that was made from the code."""
        self.assertEqual(sorted(finish), ["box1", "confirmP", "sid"])
        for field in ("box1", "confirmP"):
            self.assertEqual(set(base64.b64decode(finish[field] + "==", validate=False)), {0})

    def test_a_pinned_machine_asks_him_nothing(self):
        code = self.hub.join_code()["code"]
        with control_plane(self.chain, self.pass_on) as (url, seen):
            done, unchanged = self.join(url, code, "--ca-fingerprint", self.root.pin)
        self.assertFails(done, 20, "ADAOS-T001")
        self.assertEqual((seen, unchanged, self.uses(code)), ([], True, 0))

    def test_one_changed_byte_ends_the_join_and_nothing_is_written_or_spent(self):
        for path, field in (("/v1/join/params", "nH"), ("/v1/join/params", "salt"), ("/v1/join/share", "confirmV")):
            with self.subTest(path=path, field=field):
                code = self.hub.join_code()["code"]
                with control_plane(self.chain, self.changed(path, field)) as (url, seen):
                    done, unchanged = self.join(url, code)
                self.assertFails(done, 10, "ADAOS-J015")
                self.assertIn(path, [asked for _, asked, _ in seen])
                for _, asked, body in seen:
                    if asked == "/v1/join/finish":
                        self.assertGivesUp(json.loads(body))
                self.assertNoCode(seen, code)
                self.assertEqual((unchanged, self.uses(code)), (True, 0))

    def test_a_lost_answer_is_had_again_whatever_was_tried_in_between(self):
        """Another code, a dead address, another name of the same Root: the attempt stays what it was."""
        def lose_the_answer(method, path, body):
            answer = self.pass_on(method, path, body)
            return (502, "lost") if path == "/v1/join/finish" else answer

        code = self.hub.join_code()["code"]
        typo = code[:-1] + ("A" if code[-1] != "A" else "B")
        node = self.world.node("patient")
        def join(what, url, *words, expect=None):
            return node.cli("node", "join", "--code", what, "--root", url, *words, expect=expect)

        with control_plane(self.chain, lose_the_answer) as (url, _):
            self.assertFails(join(code, url, "--timeout", "2"), 30, "ADAOS-")
        self.assertEqual(self.uses(code), 1)
        self.assertFails(join(typo, self.root.url), 10, "ADAOS-J015")
        self.assertFails(join(code, "http://127.0.0.1:1", "--timeout", "1"), 30, "ADAOS-U001")
        join(code, self.root.url.replace("127.0.0.1", "localhost"), expect=0)
        self.assertEqual(self.uses(code), 1)

    def test_who_has_no_door_for_proofs_gets_no_code(self):
        def nothing_here(method, path, body):
            return 404, "{}"

        code = self.hub.join_code()["code"]
        for words in ((), ("--ca-fingerprint", ca_entry(self.evil)["fingerprint_sha256"])):
            with control_plane(self.chain, nothing_here) as (url, seen):
                done, unchanged = self.join(url, code, *words)
            self.assertFails(done, 30, "ADAOS-U004")
            self.assertEqual([path for _, path, _ in seen], ["/v1/join/params"])
            self.assertNoCode(seen, code)
            self.assertEqual((unchanged, self.uses(code)), (True, 0))

    def test_who_answers_himself_is_not_believed(self):
        code = self.hub.join_code()["code"]
        with control_plane(self.chain, self.lie) as (url, seen):
            done, unchanged = self.join(url, code)
        self.assertNotEqual(done.code, 0, done.out)
        self.assertTrue(seen)
        self.assertNoCode(seen, code)
        self.assertEqual((unchanged, self.uses(code)), (True, 0))

    def test_who_only_passes_on_learns_no_code_and_gives_no_other_root(self):
        code = self.hub.join_code()["code"]
        with control_plane(self.chain, self.pass_on) as (url, seen):
            done, _ = self.join(url, code)
        self.assertNoCode(seen, code)
        anchors = self.world.folder / f"caught{self.count}" / "keys" / "member_ca.cert"
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(anchors.read_text().strip(), pathlib.Path(self.root.ca).read_text().strip())


if __name__ == "__main__":
    harness.main()
