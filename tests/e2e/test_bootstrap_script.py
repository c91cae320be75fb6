"""Nodes from the inventory: their bootstrap tokens, the script that is rendered for them, and what it does."""
import base64
import hashlib
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import time

import harness
from harness import Case, until
from machines import Admin, make_package, root_admin, with_settings

HOSTILE = "'; touch /tmp/adaos-injected; $(touch /tmp/adaos-injected) `touch /tmp/adaos-injected` \"\\ @TOKEN@ #{}"


class Bootstrap(Case):
    settings: dict[str, str] = {}

    @classmethod
    def arrange(cls):
        cls.package = cls.world.folder / "adaos-node.tar.gz"
        make_package(cls.package)
        cls.registry = cls.world.folder / "registry.json"
        cls.root = with_settings(cls.world.root(), NODE_BOOTSTRAP_PACKAGE=str(cls.package),
                                 NODE_BOOTSTRAP_REGISTRY_CREDENTIAL_FILE=str(cls.registry),
                                 NODE_BOOTSTRAP_TASK_SIGNING_PUBLIC_KEY=HOSTILE, **cls.settings).start()
        hub = cls.world.registered_hub(cls.root)
        hub.stop()
        cls.hub = with_settings(hub, NODE_BOOTSTRAP_PACKAGE=str(cls.package)).start()
        cls.side = Admin(cls.root, cls.hub.subnet)
        cls.count = 0

    def setUp(self):
        self.give_credential()

    def give_credential(self):
        self.registry.write_text(json.dumps({"registry": "registry.example.org:5000", "username": "puller",
                                             "password": "p'w $(x) \"q\""}))
        self.registry.chmod(0o600)

    def node(self, side=None, **item):
        type(self).count += 1
        side = side or self.side
        answer = side.post("/api/v1/admin/nodes", {"host": f"rack-{self.count}.example.org", "sku": "h100-8", "region": "eu-1",
                                                   "onboarding_mode": "maas", **item})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()

    def mint(self, node_id, mode="manual", side=None, **wish):
        answer = (side or self.side).post(f"/api/v1/admin/nodes/{node_id}/bootstrap-script?mode={mode}", wish)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def read(self, token, what="script", query="", method="GET", side=None, **headers):
        return (side or self.side).bare(method, f"/api/v1/bootstrap/nodes/{token}/{what}{query}", **headers)

    def folder(self, name):
        root = self.world.folder / f"prefix-{self.count}-{name}"
        (root / "etc").mkdir(parents=True)
        (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
        return root

    def start(self, script, root, *words, path=None):
        file = root.with_suffix(".sh")
        file.write_text(script)
        env = {"PATH": path or os.environ["PATH"], "HOME": str(root)}
        return subprocess.Popen(["/bin/bash", str(file), "--root", str(root), *words], env=env, text=True, cwd=root,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def carry_out(self, script, root, *words, expect=0, path=None):
        process = self.start(script, root, *words, path=path)
        out, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, expect, out)
        return out

    def assertNothingLeft(self, root):
        self.assertEqual(list((root / "run").iterdir()), [])
        self.assertEqual([p.name for p in (root / "opt/gpuaas").iterdir() if p.name.startswith(".")], [])

    def events(self, node_id):
        rows = harness.request(f"{self.root.url}/v1/audit?node_id={node_id}&limit=200", ca=self.root.ca,
                               headers=root_admin(self.root)).json()["data"]
        return [row["event"] for row in reversed(rows)]

    def test_the_answer_has_the_script_its_digest_and_what_it_will_install(self):
        node = self.node()
        self.assertEqual((node["enrolment"], node["sku"], node["onboarding_mode"]), ("invited", "h100-8", "maas"))
        made = self.mint(node["node_id"])
        self.assertTrue(made["script"].startswith("#!/usr/bin/env bash\n"))
        self.assertTrue(made["script"].endswith('\nmain "$@"\n'))
        self.assertEqual(made["script_sha256"], hashlib.sha256(made["script"].encode()).hexdigest())
        self.assertEqual((made["node_id"], made["mode"]), (node["node_id"], "manual"))
        self.assertRegex(made["expires_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        digest = hashlib.sha256(self.package.read_bytes()).hexdigest()
        self.assertEqual(made["metadata"]["package_digest"], "sha256:" + digest)
        self.assertEqual(made["metadata"]["package_ref"], "adaos-node.tar.gz")
        self.assertTrue(made["metadata"]["trust_bundle_version"])
        token = made["bootstrap_token"]
        for method, query, headers in (("GET", "?format=sh", {}), ("POST", "", {"Accept": "text/x-shellscript"})):
            raw = self.read(token, query=query, method=method, **headers)
            self.assertEqual((raw.status, raw.body.decode()), (200, made["script"]))
            self.assertEqual(raw.headers.get_content_type(), "text/x-shellscript")
        as_json = self.read("self", X_Bootstrap_Token=token)
        self.assertEqual(as_json.json()["script_sha256"], made["script_sha256"])
        listed = harness.request(f"{self.root.url}/v1/nodes/{node['name']}", ca=self.root.ca, headers=root_admin(self.root)).json()
        self.assertEqual((listed["enrolment"], listed["status"]), ("invited", "pending"))
        self.assertEqual(self.events(node["node_id"]), ["invited", "minted", "fetched", "fetched", "fetched"])

    def test_shellcheck_has_nothing_to_say(self):
        made = self.mint(self.node()["node_id"], "cloud_init")
        first_hop = self.files_of(made["user_data"])["/usr/local/sbin/gpuaas-bootstrap"][0]
        for text in (made["script"], first_hop, "#!/bin/bash\n" + made["command"]):
            done = subprocess.run(["shellcheck", "-"], input=text, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stdout)

    def files_of(self, user_data):
        found = re.findall(r"- path: (\S+)\n    permissions: '(\d+)'\n    owner: root:root\n    encoding: b64\n    content: (\S*)\n", user_data)
        return {path: (base64.b64decode(text).decode(), mode) for path, mode, text in found}

    def test_it_runs_twice_in_a_root_prefix_with_the_same_result(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("twice")
        out = self.carry_out(made["script"], root)
        first = harness.snapshot(root)
        self.assertNotIn(made["bootstrap_token"], out)
        self.carry_out(made["script"], root)
        self.assertEqual(harness.snapshot(root), first)
        etc = root / "etc/gpuaas"
        self.assertEqual((etc / "bootstrap-token").read_text().strip(), made["bootstrap_token"])
        self.assertEqual(stat.S_IMODE((etc / "bootstrap-token").stat().st_mode), 0o600)
        self.assertIn("BEGIN CERTIFICATE", (etc / "ca-bundle.crt").read_text())
        self.assertEqual((etc / "node-ca-bundle.crt").read_text(), "")
        self.assertIn(f'GPUAAS_NODE_ID="{made["node_id"]}"', (etc / "node.env").read_text())
        self.assertEqual((root / "opt/gpuaas/current/bin/adaos").read_text(), "#!/bin/sh\necho 1\n")
        self.assertTrue((root / "etc/systemd/system/adaos-agent.service").is_file())
        self.assertEqual((root / "seen-mode").read_text().strip(), "600")
        self.assertNothingLeft(root)
        for path in root.rglob("*"):
            if path.is_file() and path.name != "bootstrap-token":
                self.assertNotIn(made["bootstrap_token"], path.read_text(errors="replace"), path)
                self.assertNotIn("p'w", path.read_text(errors="replace"), path)

    def test_a_dry_run_changes_nothing(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("dry")
        before = harness.snapshot(root)
        self.assertIn("dry run: nothing was changed", self.carry_out(made["script"], root, "--dry-run"))
        self.assertEqual(harness.snapshot(root), before)
        self.assertEqual(sorted(p.name for p in root.iterdir()), ["etc"])

    def test_a_script_that_was_cut_off_does_nothing(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("cut")
        whole = made["script"]
        for length in range(0, len(whole) - 10, max(1, len(whole) // 40)):
            process = self.start(whole[:length], root)
            process.communicate(timeout=60)
        self.assertEqual(sorted(p.name for p in root.rglob("*")), ["etc", "hosts"])

    def test_a_wrong_package_is_not_unpacked(self):
        made = self.mint(self.node()["node_id"])
        digest = made["metadata"]["package_digest"].removeprefix("sha256:")
        root = self.folder("wrong")
        tampered = made["script"].replace("run ask \"package?digest=sha256:$package_digest\"", "run ask package")
        tampered = tampered.replace(f"package_digest='{digest}'", f"package_digest='{'0' * 64}'")
        out = self.carry_out(tampered, root, expect=1)
        self.assertIn("nothing was unpacked", out)
        self.assertFalse((root / "opt/gpuaas/current").exists())
        self.assertNothingLeft(root)

    def test_the_registry_credential_is_gone_after_success_failure_and_sigterm(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("fail")
        (root / "fail").touch()
        self.assertIn("installer failed", self.carry_out(made["script"], root, expect=1))
        self.assertEqual((root / "seen-mode").read_text().strip(), "600")
        self.assertNothingLeft(root)
        made = self.mint(made["node_id"])
        root = self.folder("term")
        (root / "hang").touch()
        process = self.start(made["script"], root)
        until("the installer runs", lambda: (root / "seen-mode").exists() and (root / "seen-runtime").exists(), 60)
        private = next((root / "run").iterdir())
        self.assertEqual(stat.S_IMODE(private.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((private / "registry.env").stat().st_mode), 0o600)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143, out)
        self.assertLess(time.monotonic() - began, 30)
        self.assertNothingLeft(root)

    def test_without_a_pull_credential_the_answer_is_204_and_the_script_goes_on(self):
        self.registry.unlink()
        made = self.mint(self.node()["node_id"])
        root = self.folder("none")
        self.assertIn("no registry credential is needed", self.carry_out(made["script"], root))
        self.assertEqual((root / "seen-mode").read_text().strip(), "none")
        answer = self.read(made["bootstrap_token"], "registry-credential")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.give_credential()
        self.assertEqual(self.read(made["bootstrap_token"], "registry-credential").json(),
                         {"registry": "registry.example.org:5000", "username": "puller", "password": "p'w $(x) \"q\"",
                          "expires_at": made["expires_at"]})

    def fake_commands(self, root, *names):
        """A PATH with the real tools but of the runtimes only those named; each notes how it was called."""
        fakes = root / "fakes"
        fakes.mkdir()
        for name in ("docker", "podman", "nerdctl", "apt-get", "systemctl"):
            if name in names:
                (fakes / name).write_text(f'#!/bin/bash\nprintf "%s\\n" "{name} $*" >>"{root}/called"\n'
                                          f'if [[ "$1" == login ]]; then cat >"{root}/password"; fi\n')
                (fakes / name).chmod(0o755)
        tools = ("awk bash cat chmod curl env grep id ln mkdir mktemp mountpoint mv printf rm sha256sum sleep stat tar gzip")
        for tool in tools.split():
            found = subprocess.run(["bash", "-c", f"type -P {tool}"], capture_output=True, text=True).stdout.strip()
            if found:
                (fakes / tool).symlink_to(found)
        return str(fakes)

    def called(self, root):
        return (root / "called").read_text().splitlines() if (root / "called").exists() else []

    def test_a_runtime_is_looked_for_in_order_and_logged_in_with_the_password_on_stdin(self):
        made = self.mint(self.node()["node_id"])
        for names, runtime, folder in ((("nerdctl", "podman", "docker"), "docker", "docker"),
                                       (("nerdctl", "podman"), "podman", "containers")):
            root = self.folder(runtime)
            (root / "run/systemd/system").mkdir(parents=True)
            path = self.fake_commands(root, *names, "systemctl", "apt-get")
            self.carry_out(made["script"], root, "--with-host-commands", path=path)
            self.assertEqual(self.called(root), [f"{runtime} login --username puller --password-stdin -- registry.example.org:5000",
                                                 "systemctl daemon-reload", "systemctl enable --now -- adaos-agent.service"])
            self.assertEqual((root / "password").read_text(), "p'w $(x) \"q\"\n")
            self.assertTrue((root / f"etc/{folder}/certs.d/registry.example.org:5000/ca.crt").is_file())
            made = self.mint(made["node_id"])

    def test_without_a_runtime_the_configured_package_is_installed(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("apt")
        path = self.fake_commands(root, "apt-get")
        self.carry_out(made["script"], root, "--with-host-commands", path=path)
        self.assertEqual(self.called(root), ["apt-get install --yes --no-install-recommends -- docker.io"])
        self.assertEqual((root / "seen-runtime").read_text(), "true docker.io\n")

    def test_a_new_token_ends_the_one_before_and_both_are_in_the_trail(self):
        node = self.node()
        old, new = self.mint(node["node_id"])["bootstrap_token"], self.mint(node["node_id"])["bootstrap_token"]
        self.assertProblem(self.read(old), 410, "ADAOS-J020")
        self.assertEqual(self.read(new).status, 200)
        self.assertEqual(self.events(node["node_id"]), ["invited", "minted", "minted", "superseded", "rejected", "fetched"])

    def test_reads_are_few_and_another_token_is_unknown(self):
        token = self.mint(self.node()["node_id"])["bootstrap_token"]
        for _ in range(5):
            self.assertEqual(self.read(token).status, 200)
        sixth = self.read(token)
        self.assertProblem(sixth, 409, "ADAOS-J019")
        self.assertIn("its 5 reads are used", sixth.json()["detail"])
        self.assertProblem(self.read("adaos_boot_" + "x" * 43), 404, "ADAOS-J016")
        self.assertProblem(self.read("self"), 404, "ADAOS-J016")
        for path in ("/api/v1/admin/nodes", "/v1/nodes", "/v1/audit"):
            self.assertEqual(self.side.bare("GET", path, Authorization="Bearer " + token).status, 401 if path != "/api/v1/admin/nodes" else 405)

    def test_the_package_is_given_by_its_digest_only(self):
        made = self.mint(self.node()["node_id"])
        token, digest = made["bootstrap_token"], made["metadata"]["package_digest"]
        got = self.read(token, "package", "?digest=" + digest)
        self.assertEqual((got.status, got.body), (200, self.package.read_bytes()))
        self.assertProblem(self.read(token, "package", "?digest=sha256:" + "0" * 64), 404, "ADAOS-B002")
        before = self.package.read_bytes()
        make_package(self.package, "2")
        try:
            self.assertProblem(self.read(token, "package"), 404, "ADAOS-B002")
            self.assertIn(digest.removeprefix("sha256:"), self.read(token, query="?format=sh").body.decode())
        finally:
            self.package.write_bytes(before)

    def test_cloud_init_carries_a_private_token_and_a_pinned_first_hop_and_no_secret_in_its_commands(self):
        made = self.mint(self.node()["node_id"], "cloud_init")
        token, data = made["bootstrap_token"], made["user_data"]
        self.assertTrue(data.startswith("#cloud-config\n"))
        files = self.files_of(data)
        self.assertEqual(files["/etc/gpuaas/bootstrap-token"], (token + "\n", "0600"))
        self.assertNotIn(token, data.split("runcmd:")[1])
        self.assertNotIn(token, data)
        hop, mode = files["/usr/local/sbin/gpuaas-bootstrap"]
        self.assertEqual(mode, "0700")
        self.assertNotIn(token, hop)
        self.assertIn(made["script_sha256"], hop)
        root = self.folder("cloud")
        (root / "etc/gpuaas").mkdir()
        (root / "etc/gpuaas/bootstrap-token").write_text(token + "\n")
        self.carry_out(hop, root)
        self.assertTrue((root / "opt/gpuaas/current/bin/adaos").is_file())
        self.assertNothingLeft(root)
        other = hop.replace(made["script_sha256"], "0" * 64)
        out = self.carry_out(other, root, expect=1)
        self.assertIn("not the one this machine was prepared for", out)
        unpinned = re.sub(r"https_ca='.*?'", "https_ca=''", hop, flags=re.S)
        self.carry_out(unpinned, root, expect=60)  # curl: the server's certificate is not to be trusted

    def test_hostile_values_stay_values(self):
        trap = pathlib.Path("/tmp/adaos-injected")
        trap.unlink(missing_ok=True)
        node = self.node(host=HOSTILE, name="plain", sku=HOSTILE[:60], region=HOSTILE[:60])
        made = self.mint(node["node_id"], note=HOSTILE)
        root = self.folder("hostile")
        self.carry_out(made["script"], root)
        self.assertFalse(trap.exists())
        # What a service manager reads back is the value itself.
        read = subprocess.run(["bash", "-c", '. "$1"; printf %s "$GPUAAS_TASK_SIGNING_PUBLIC_KEY"', "-", root / "etc/gpuaas/node.env"],
                              capture_output=True, text=True, check=True)
        self.assertEqual(read.stdout, HOSTILE)
        self.assertFalse(trap.exists())
        for name in (HOSTILE, "a b", "-x", "A", "x" * 64):
            answer = self.side.post("/api/v1/admin/nodes", {"host": "h", "name": name})
            self.assertProblem(answer, 422, "ADAOS-B007")

    def test_the_token_is_in_no_log_and_no_store(self):
        made = self.mint(self.node()["node_id"])
        token = made["bootstrap_token"]
        self.read(token)
        self.read(token, "nothing-here")
        hubs = self.mint(self.node(Admin(self.hub, self.hub.subnet))["node_id"], side=Admin(self.hub, self.hub.subnet))["bootstrap_token"]
        path = f"/hubs/{self.hub.subnet}/api/v1/bootstrap/nodes/{hubs}/script"
        self.assertEqual(self.side.bare("GET", path).status, 200)  # through Root, over the hub's link
        for server in (self.root, self.hub):
            self.assertNotIn(token, server.log.read_text())
            self.assertNotIn(hubs, server.log.read_text())
            for file in server.base.rglob("*"):
                if file.is_file():
                    self.assertNotIn(token.encode(), file.read_bytes(), file)

    def test_a_hub_does_the_same_for_its_own_subnet(self):
        side = Admin(self.hub, self.hub.subnet)
        made = self.mint(self.node(side)["node_id"], side=side)
        root = self.folder("hub")
        self.carry_out(made["script"], root)
        self.assertTrue((root / "opt/gpuaas/current/bin/adaos").is_file())
        self.assertEqual(self.read(made["bootstrap_token"], side=side).status, 200)

    def test_the_command_line_prints_script_and_user_data(self):
        node = self.node(Admin(self.hub, self.hub.subnet))
        script = self.hub.cli("node", "bootstrap-script", node["name"]).out
        self.assertTrue(script.startswith("#!/usr/bin/env bash\n"))
        self.assertTrue(self.hub.cli("node", "bootstrap-script", node["node_id"], "--mode", "cloud-init").out.startswith("#cloud-config\n"))
        made = self.hub.cli("node", "bootstrap-script", node["name"], "--format", "json").json()
        self.assertEqual(hashlib.sha256(made["script"].encode()).hexdigest(), made["script_sha256"])
        self.assertFails(self.hub.cli("node", "bootstrap-script", "nobody", expect=None), 3, "ADAOS-R003")
        own = self.hub.cli("node", "list", "--show-ids", "--json").json()["data"]
        hub_id = next(one["id"] for one in own if one.get("role") == "hub")
        done = self.hub.cli("node", "bootstrap-script", hub_id, expect=None)
        self.assertFails(done, 41, "ADAOS-R012")
        self.assertIn("it is the hub", done.err)

    def test_a_server_without_a_package_names_the_setting(self):
        bare = self.world.node("bare-hub").start()
        node = Admin(bare, None).post("/api/v1/admin/nodes", {"host": "rack.example.org"}).json()
        done = bare.cli("node", "bootstrap-script", node["node_id"], expect=None)
        self.assertFails(done, 78, "ADAOS-S002")
        self.assertIn("NODE_BOOTSTRAP_PACKAGE", done.err)
        bare.stop()

    def test_a_node_of_a_subnet_that_root_does_not_know_is_refused(self):
        answer = self.side.post("/api/v1/admin/nodes", {"host": "rack.example.org", "subnet_id": "sn_00000000"})
        self.assertProblem(answer, 404, "ADAOS-R001")

    def test_the_command_that_is_shown_fetches_compares_and_runs(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("command")
        fakes = root / "fakes"
        fakes.mkdir()
        (fakes / "sudo").write_text(f'#!/bin/bash\nexec "$@" --root {root}\n')
        (fakes / "sudo").chmod(0o755)
        done = subprocess.run(["bash", "-c", made["command"]], env={"PATH": f"{fakes}:{os.environ['PATH']}", "HOME": str(root)},
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue((root / "opt/gpuaas/current/bin/adaos").is_file())


class OtherSettings(Bootstrap):
    """What the two settings of the container runtime, and an address for the control plane's name, change."""
    settings = {"NODE_BOOTSTRAP_INSTALL_CONTAINER_RUNTIME": "false", "NODE_BOOTSTRAP_CONTAINER_RUNTIME_PACKAGE": "podman",
                "NODE_BOOTSTRAP_RESOLVE_ADDRESS": "127.0.0.1"}

    def test_without_a_runtime_the_configured_package_is_installed(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("off")
        path = self.fake_commands(root, "apt-get")
        self.assertIn("none is installed", self.carry_out(made["script"], root, "--with-host-commands", path=path))
        self.assertEqual(self.called(root), [])
        self.assertEqual((root / "seen-runtime").read_text(), "false podman\n")

    def test_the_hosts_file_has_one_marked_block_whatever_was_there(self):
        made = self.mint(self.node()["node_id"])
        root = self.folder("hosts")
        hosts = root / "etc/hosts"
        hosts.write_text("127.0.0.1 localhost\n# BEGIN gpuaas bootstrap\n10.9.9.9 old\n# END gpuaas bootstrap\n::1 ip6\n")
        self.carry_out(made["script"], root)
        want = "127.0.0.1 localhost\n::1 ip6\n# BEGIN gpuaas bootstrap\n127.0.0.1 127.0.0.1\n# END gpuaas bootstrap\n"
        self.assertEqual(hosts.read_text(), want)
        hosts.write_text(want + "# BEGIN gpuaas bootstrap\n192.0.2.1 somebody\n")  # no end: not ours to throw away
        self.carry_out(made["script"], root)
        self.assertIn("192.0.2.1 somebody\n", hosts.read_text())


if __name__ == "__main__":
    harness.main()
