"""What a node keeps, how it is kept, and what losing or breaking a file does."""
import json
import stat

import harness
from harness import Case, snapshot, until


class State(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.member = cls.world.node("member")
        cls.joined = cls.member.cli("node", "join", "--code", cls.hub.join_code()["code"], "--root", cls.root.url,
                                    "--ca-fingerprint", cls.root.pin, "--json").json()

    def tearDown(self):
        if self.member.running():
            self.member.stop()

    def serve_member(self):
        self.member.start()
        return self.member.wait_connected(25)

    def test_1_modes(self):
        self.serve_member()
        for server in (self.root, self.hub, self.member):
            for path in [server.base, *server.base.rglob("*")]:
                mode = stat.S_IMODE(path.stat().st_mode)
                if path.is_dir():
                    self.assertEqual(mode, 0o700, path)
                elif path.name != "node.yaml" and not path.name.endswith((".pem", ".cert", "serve.json")):
                    self.assertEqual(mode & 0o077, 0, f"{path} {mode:o}")
                if "private" in path.name or path.name in ("root_token", "code_mac.key", "node_runtime.json", "join_codes.json"):
                    self.assertEqual(mode, 0o600, path)

    def test_2_each_datum_in_its_file(self):
        yaml = (self.member.base / "node.yaml").read_text()
        for word in (self.joined["node_id"], self.hub.subnet, "member", f"/hubs/{self.hub.subnet}"):
            self.assertIn(word, yaml)
        self.assertNotIn("PRIVATE", yaml)
        runtime = json.loads((self.member.base / "state" / "node_runtime.json").read_text())
        self.assertNotIn(runtime.get("token") or "\0", yaml)
        self.assertFalse(list(self.member.base.rglob("*.tmp*")), "temporary files were left")
        self.assertFalse((self.member.base / "state" / "join_attempt.json").exists(), "the join's journal was left")

    def test_3_losing_the_runtime_state_loses_no_membership(self):
        self.serve_member()
        self.member.stop()
        (self.member.base / "state" / "node_runtime.json").unlink()
        status = self.serve_member()
        self.assertEqual((status["role"], status["subnet_id"]), ("member", self.hub.subnet))
        self.assertEqual(stat.S_IMODE((self.member.base / "state" / "node_runtime.json").stat().st_mode), 0o600)

    def test_4_a_damaged_runtime_state_is_set_aside(self):
        path = self.member.base / "state" / "node_runtime.json"
        path.write_text('{"role": "hub", "tok')
        self.assertEqual(self.serve_member()["role"], "member")
        self.assertTrue(json.loads(path.read_text())["token"])

    def test_5_a_broken_node_yaml_never_turns_a_member_into_a_hub(self):
        path = self.member.base / "node.yaml"
        good = path.read_text()
        for broken in (b"role: [member\n", b"\x00\x01\x02", b"", good.encode()[: len(good) // 2], b"- a\n- list\n", b"\xff\xfe broken"):
            path.write_bytes(broken)
            status = self.member.status()
            self.assertEqual(status["role"], "member", broken)
            status = self.serve_member()
            self.assertEqual((status["role"], status["subnet_id"], status["node_id"]),
                             ("member", self.hub.subnet, self.joined["node_id"]), broken)
            self.assertTrue((self.member.base / "node.yaml.invalid").exists(), broken)
            self.assertIn("node.yaml", self.member.tail(200))
            self.member.stop()
            path.write_text(good)

    def test_6_broken_and_nothing_left_to_tell_the_role(self):
        lone = self.world.node("lone")
        lone.base.mkdir(mode=0o700)
        (lone.base / "node.yaml").write_text("role: [")
        done = self.world.run([harness.BIN / "adaos", "api", "serve", "--port", "0"], env=lone.env())
        self.assertFails(done, 78, "ADAOS-S001")
        self.assertEqual(snapshot(lone.base).get("node.yaml.invalid", (0, ""))[1], snapshot(lone.base)["node.yaml"][1])

    def test_7_a_value_out_of_grammar_is_named(self):
        lone = self.world.node("grammar")
        lone.base.mkdir(mode=0o700)
        (lone.base / "node.yaml").write_text("node_id: 3f0c3c1e-0d9b-4f5e-9b52-4f7f3c1e0d9b\nsubnet_id: ../etc\nrole: hub\n")
        done = self.world.run([harness.BIN / "adaos", "api", "serve", "--port", "0"], env=lone.env())
        self.assertFails(done, 78, "ADAOS-S002")
        self.assertIn("subnet_id", done.err)

    def test_8_unknown_keys_survive(self):
        lone = self.world.node("keeper")
        lone.base.mkdir(mode=0o700)
        (lone.base / "node.yaml").write_text("node_id: 3f0c3c1e-0d9b-4f5e-9b52-4f7f3c1e0d9b\nsubnet_id: sn_0123abcd\nrole: hub\n"
                                             "favourite:\n  colour: green\n")
        lone.cli("dev", "root", "init", "--root", self.root.url, "--token-file", self.root.token_file, "--ca-fingerprint", self.root.pin)
        yaml = (lone.base / "node.yaml").read_text()
        self.assertRegex(yaml, r"favourite:\n\s+colour: green")
        self.assertIn("3f0c3c1e-0d9b-4f5e-9b52-4f7f3c1e0d9b", yaml)

    def test_9_base_dir_rules(self):
        folder = self.world.folder / "rules"
        folder.mkdir()
        env = self.world.env()
        for change, want in (({"ADAOS_BASE_DIR": str(folder / "a"), "BASE_DIR": str(folder / "b")}, "a"),
                             ({"BASE_DIR": str(folder / "b")}, "b"),
                             ({"ENV_TYPE": "dev", "BASE_DIR": str(folder / "b"), "ADAOS_BASE_DIR_SUFFIX": "_x"}, None)):
            done = self.world.run([harness.BIN / "adaos", "node", "status", "--json"], env={**env, **change})
            self.assertIn(done.code, (0, 3, 5), done.err)
            if want:
                self.assertFalse(snapshot(self.world.folder / "home"), "the home folder was used")

    def test_a_full_disk_is_said(self):
        """A folder that cannot be written: an id, no crash."""
        lone = self.world.folder / "file-not-folder"
        lone.write_text("")
        done = self.world.run([harness.BIN / "adaos", "api", "serve", "--port", "0"], env=self.world.env(lone))
        self.assertIn(done.code, (1, 40, 78), done.err)
        self.assertIn("ADAOS-S", done.err)

    def test_b_port_in_use(self):
        with harness.socket.create_server(("127.0.0.1", 0)) as taken:
            done = self.world.run([harness.BIN / "adaos", "api", "serve", "--port", taken.getsockname()[1]],
                                  env=self.world.env(self.world.folder / "port"))
        self.assertFails(done, 41, "ADAOS-S007")

    def test_c_a_serve_file_goes_at_an_orderly_end(self):
        self.serve_member()
        self.member.stop()
        self.assertFalse((self.member.base / "state" / "serve.json").exists())
        self.member.start()
        self.member.kill()
        self.assertTrue((self.member.base / "state" / "serve.json").exists())
        status = self.member.status()  # a stale file points at nobody
        self.assertIn(status["ready"], (None, False))
        self.serve_member()
        until("it is listed", lambda: self.hub.member(self.joined["node_id"])["state"] == "connected")


if __name__ == "__main__":
    harness.main()
