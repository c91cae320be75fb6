"""What both programs do with their words, their streams and signals: real processes, no subnet."""
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

import harness
from harness import Case, snapshot, until
from strangers import make_csr

ADAOS, ROOT = harness.BIN / "adaos", harness.BIN / "adaos-root"


class CommandLines(Case):
    def setUp(self):
        self.folder = self.world.folder / self._testMethodName
        self.folder.mkdir()

    def adaos(self, *words, **more):
        return self.world.run([ADAOS, *words], env={**self.world.env(), "ADAOS_BASE_DIR": str(self.folder / "base"), **more})

    def root(self, *words):
        return self.world.run([ROOT, "--base-dir", self.folder / "root", *words])

    def test_root_explains_what_it_did_not_understand(self):
        for words, what in ((("srve",), "Did you mean adaos-root serve?"), ((), "no command was given"),
                            (("serve", "--prot", "1"), "Did you mean --port?"), (("ca", "fingerprnt"), "ca fingerprint?"),
                            (("serve", "--port", "x"), "--port")):
            done = self.root(*words)
            self.assertFails(done, 2, "adaos-root: error: ADAOS-N004")
            self.assertIn(what, done.err)
            self.assertEqual(done.out, "")
        self.assertFalse((self.folder / "root").exists())

    def test_root_helps_with_examples_and_tells_its_version(self):
        for words in (("--help",), ("serve", "-h"), ("ca", "fingerprint", "--help")):
            done = self.root(*words)
            self.assertEqual((done.code, done.err), (0, ""))
            self.assertIn("Examples:\n  adaos-root ", done.out)
        self.assertRegex(self.root("--version").out, r"^adaos-root \d+\.\d+\.\d+\n$")
        for program in (ADAOS, ROOT):
            found = self.world.run([program, "--version", "--json"]).json()
            self.assertEqual((found["schema"], found["name"]), ("adaos.version/v1", program.name))
            if "commit" in found:
                self.assertRegex(found["commit"], r"^[0-9a-f]{7,40}(-dirty)?$")

    def test_the_fingerprint_as_json(self):
        done = self.root("ca", "fingerprint", "--json")
        self.assertEqual((done.code, done.json()["ok"]), (1, False), done.err)
        root = self.world.root("pinned").start()
        found = self.world.run([ROOT, "ca", "fingerprint", "--json", "--base-dir", root.base]).json()
        self.assertEqual((found["schema"], found["ca_fingerprint"]), ("adaos.ca-fingerprint/v1", root.pin))
        self.assertEqual(root.stop(), 0)

    def test_an_empty_base_dir_is_refused(self):
        for program, words in ((ADAOS, ("node", "status")), (ADAOS, ("api", "serve")), (ROOT, ("serve",)), (ROOT, ("ca", "fingerprint"))):
            done = self.world.run([program, "--base-dir", "", *words])
            self.assertFails(done, 2, "ADAOS-N005")
            self.assertIn("--base-dir", done.err)
        self.assertFalse((self.world.folder / "home").exists())

    def test_an_address_that_is_not_ours(self):
        for host in ("192.0.2.1", "nonsense.invalid"):
            for done in (self.adaos("api", "serve", "--host", host, "--port", "0"), self.root("serve", "--host", host, "--port", "0")):
                self.assertFails(done, 78, "ADAOS-S002")
                self.assertIn(f"--host: cannot listen on {host}:0", done.err)
                self.assertNotIn("report", done.err)

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            at = f"127.0.0.1:{taken.getsockname()[1]}"
            for done in (self.adaos("api", "serve", "--port", at.split(":")[1]), self.root("serve", "--port", at.split(":")[1])):
                self.assertFails(done, 41, f"ADAOS-S007 the port is in use by another program: {at}")

    @harness.unittest.skipUnless(os.getuid() == 0, "needs to become nobody")
    def test_a_port_that_needs_a_privilege(self):
        least = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if least <= 80:
            self.skipTest("every port is free for all here")
        base = self.folder / "nobodys"
        base.mkdir()
        os.chown(base, 65534, 65534)
        for folder in (self.world.folder, self.folder):
            folder.chmod(0o755)
        for program, words in ((ADAOS, ("api", "serve")), (ROOT, ("serve",))):
            # A copy: nobody may not look into the folder of a build in /root.
            copied = shutil.copy(program, self.folder)
            done = subprocess.run([copied, "--base-dir", base, *words, "--port", "80"], capture_output=True, text=True, user=65534,
                                  group=65534, env=self.world.env())
            self.assertEqual(done.returncode, 40, done.stderr)
            self.assertIn("--port: listening on 127.0.0.1:80 needs a privilege", done.stderr)
            self.assertNotIn("base directory", done.stderr)

    def test_roots_own_certificate(self):
        make_csr(self.folder, "one")
        make_csr(self.folder, "two")
        subprocess.run(["openssl", "x509", "-req", "-in", self.folder / "one.csr", "-signkey", self.folder / "one.key", "-out",
                        self.folder / "one.pem"], check=True, capture_output=True)
        (self.folder / "link.pem").symlink_to(self.folder / "one.pem")
        for cert, key, what in (("one.pem", "two.key", "is not the key of"), ("one.pem", "gone.key", "No such file"),
                                ("one.key", "one.key", "holds no certificate"), ("one.pem", "one.pem", "holds no key")):
            done = self.root("serve", "--port", "0", "--tls-cert", self.folder / cert, "--tls-key", self.folder / key)
            self.assertFails(done, 78, "ADAOS-S002")
            self.assertIn(what, done.err)
            self.assertNotIn("backup", done.err)
        self.assertFails(self.root("serve", "--tls-cert", self.folder / "one.pem"), 78, "go together")
        server = subprocess.Popen([ROOT, "--base-dir", self.folder / "root", "serve", "--port", "0", "--tls-cert",
                                   self.folder / "link.pem", "--tls-key", self.folder / "one.key"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        until("it serves", lambda: (self.folder / "root" / "state" / "serve.json").exists())
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(10), 0)

    def test_a_public_address_that_no_client_would_use(self):
        for url, more in (("http://root.example", ()), ("https://root.example/adaos", ()), ("ftp://root.example", ()), ("root", ()),
                          ("http://root.example", ("--plain-http",))):
            done = self.root("serve", "--port", "0", "--public-url", url, *more)
            self.assertFails(done, 78, "ADAOS-S002")
            self.assertIn("--public-url", done.err)
        self.assertFalse((self.folder / "root").exists())

    def test_a_path_with_a_space_is_quoted_in_the_banner(self):
        base = self.folder / "my root"
        with subprocess.Popen([ROOT, "serve", "--base-dir", base, "--port", "0"], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL) as server:
            lines = [server.stdout.readline() for _ in range(5)]
            server.send_signal(signal.SIGTERM)
        self.assertEqual(server.returncode, 0)
        self.assertIn(f"--token-file '{base}/keys/root_token' --ca-fingerprint sha256:", lines[4])

    def test_output_that_is_lost_is_no_success(self):
        create = ("access", "create", "--name", "x", "--scope", "view")
        root = self.world.root("silent").start()
        for command in ([ADAOS, *create], [ADAOS, "hub", "join-code", "create", "--local"], [ADAOS, "access", "list"],
                        [ADAOS, "--help"], [ROOT, "ca", "fingerprint", "--base-dir", root.base], [ROOT, "--version"]):
            line = " ".join(f"'{word}'" for word in command)
            for where in (">/dev/full", ">&-"):
                done = self.world.run(["sh", "-c", f"{line} {where}"], env=self.world.env(self.folder / "base"))
                self.assertFails(done, 1, "ADAOS-N007")
        root.stop()
        lists = self.world.run(["sh", "-c", f"'{ADAOS}' access list --json <&- 2>&-"], env=self.world.env(self.folder / "base"))
        self.assertTrue(lists.json()["ok"])

    def test_a_server_needs_no_stdout(self):
        for line, base in ((f"exec '{ROOT}' serve --port 0 --base-dir '{self.folder}/root'", self.folder / "root"),
                           (f"exec '{ADAOS}' api serve --port 0 --base-dir '{self.folder}/hub'", self.folder / "hub")):
            server = subprocess.Popen(["sh", "-c", line + " >&- 2>&- <&-"], env=self.world.env())
            until("it serves", lambda: (base / "state" / "serve.json").exists())
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(10 * harness.SLOW), 0)

    def test_a_hangup_does_nothing_to_a_server(self):
        for server in (self.world.root("steady").start(), self.world.node("steady-hub").start()):
            server.process.send_signal(signal.SIGHUP)
            answer = harness.request(server.url + "/api/ping" if server.name != "steady" else server.url + "/healthz",
                                     ca=str(server.base / "keys" / "root_ca.pem") if server.name == "steady" else None)
            self.assertEqual(answer.status, 200)
            self.assertEqual(server.stop(), 0)
            self.assertFalse((server.base / "state" / "serve.json").exists())

    def test_a_look_makes_nothing(self):
        done = self.adaos("node", "status", "--json")
        self.assertEqual((done.code, done.json()["cause"]), (0, "the node is not running"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_something_else_at_the_nodes_port(self):
        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b'{"hello": "world"}')

            def log_message(self, *_):
                pass

        self.adaos("access", "list")  # makes the node
        before = snapshot(self.folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
            threading.Thread(target=other.serve_forever, daemon=True).start()
            for status in (200, 404, 502):
                done = self.adaos("node", "status", "--json", ADAOS_CONTROL_URL=f"http://127.0.0.1:{other.server_port}")
                found = json.loads(done.out)
                self.assertEqual(done.code, 0)
                self.assertIn(f"something else answers at http://127.0.0.1:{other.server_port}", found["cause"])
                self.assertTrue(found["node_id"])
            other.shutdown()
        self.assertEqual(snapshot(self.folder), before)


if __name__ == "__main__":
    harness.main()
