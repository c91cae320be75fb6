"""`adaos demo`: up in seconds, true to its word, gone without a trace."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import harness
from harness import Case, until


def in_session(session: int) -> list[str]:
    """Processes of a session that still live."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[3]) == session and after_name[0] != "Z":
                    found.append(((entry / "cmdline").read_text() + (entry / "environ").read_text()).replace("\0", " "))
            except (OSError, IndexError):
                pass
    return found


class Demo(Case):
    def setUp(self):
        self.temp = self.world.folder / f"tmp-{self._testMethodName}"
        self.temp.mkdir()
        self.env = {**self.world.env(), "TMPDIR": str(self.temp)}
        self.log = self.temp.with_suffix(".log")

    def start(self, *words):
        out = open(self.log, "wb")
        self.addCleanup(out.close)
        process = subprocess.Popen([harness.BIN / "adaos", "demo", *words], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, env=self.env, cwd=self.temp, start_new_session=True)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def assertGone(self, process):
        until("no process is left", lambda: not in_session(process.pid), 5)
        self.assertEqual(in_session(process.pid), [])
        self.assertEqual(list(self.temp.iterdir()), [], "something is left in TMPDIR")
        self.assertFalse((self.world.folder / "home").exists(), "the demo touched the home folder")

    def test_check(self):
        began = time.monotonic()
        process = self.start("--check")
        code = process.wait(60 * harness.SLOW)
        seconds = time.monotonic() - began
        text = self.log.read_text()
        self.assertEqual(code, 0, text)
        print(f"\n  adaos demo --check: {seconds:.1f} s", flush=True)
        self.assertLess(seconds, 10 * harness.SLOW)
        self.assertGone(process)

    def test_check_prints_no_address_that_is_gone(self):
        done = self.world.run([harness.BIN / "adaos", "demo", "--check"], env=self.env)
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.out, r"^It works: each of hub, member-1, member-2 answered through Root within \d+ ms\.\n$")
        done = self.world.run([harness.BIN / "adaos", "demo", "--check", "--json"], env=self.env)
        self.assertEqual((done.code, done.json()["ok"]), (0, True), done.err)
        self.assertEqual(done.json()["schema"], "adaos.demo-check/v1")
        self.assertEqual(done.json()["answered"], ["hub", "member-1", "member-2"])
        self.assertNotIn("http", done.out)

    def test_an_interrupted_check_proved_nothing(self):
        for after in (0.05, 0.2, 0.5):
            for how in (signal.SIGINT, signal.SIGTERM):
                process = self.start("--check")
                if after > 0.1:
                    until("it has begun", lambda: "demo: starting Root" in self.log.read_text(), every=0.01)
                time.sleep(after)
                process.send_signal(how)
                code = process.wait(15 * harness.SLOW)
                text = self.log.read_text()
                if "It works" in text:  # a fast machine
                    continue
                self.assertIn(code, (1, -how) if after < 0.1 else (1,), text)
                if code == 1:
                    self.assertIn("ADAOS-N008", text)
                self.assertGone(process)

    def test_output_that_is_lost_is_no_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([harness.BIN / "adaos", "demo", "--check"], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, text=True, env=self.env, cwd=self.temp)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("ADAOS-N007", done.stderr)

    def test_a_temporary_folder_that_is_not_there(self):
        done = self.world.run([harness.BIN / "adaos", "demo"], env={**self.env, "TMPDIR": "/nonexist"})
        self.assertFails(done, 78, "ADAOS-S002")
        self.assertIn("/nonexist", done.err)
        self.assertIn("TMPDIR", done.err)

    def test_a_program_that_is_not_there(self):
        alone = self.world.folder / "alone"
        alone.mkdir()
        shutil.copy(harness.BIN / "adaos", alone)
        done = self.world.run([alone / "adaos", "demo", "--check"], env=self.env)
        self.assertFails(done, 1, "ADAOS-N006")
        self.assertIn(str(alone / "adaos-root"), done.err)

    def test_until_interrupted(self):
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            process = self.start()
            text = until("it prints how to stop it", lambda: re.search(r"Ctrl-C", t := self.log.read_text()) and t, 20)
            urls = re.findall(r"https?://[^\s\"']+", text)
            self.assertTrue([u for u in urls if "/hubs/sn_" in u and "/nodes/" in u], text)
            self.assertGreaterEqual(len(in_session(process.pid)), 5, "Root, hub and two members are processes")
            process.send_signal(how)
            self.assertIn(process.wait(15 * harness.SLOW), (0, 128 + how), self.log.read_text())
            self.assertGone(process)

    def test_keep(self):
        kept = self.temp.parent / "kept here"
        process = self.start("--check", "--keep", str(kept))
        self.assertEqual(process.wait(60 * harness.SLOW), 0, self.log.read_text())
        self.assertTrue(list(kept.rglob("node.yaml")))
        until("no process is left", lambda: not in_session(process.pid), 5)
        for left in ("serve.json", "*-wal", "*-shm"):
            self.assertEqual(list(kept.rglob(left)), [], "a server was ended before it had tidied up")
        again = self.world.run([harness.BIN / "adaos", "demo", "--check", "--keep", kept], env=self.env)
        self.assertFails(again, 2, "ADAOS-N005")
        self.assertIn("not empty", again.err)
        self.assertNotIn("--timeout", again.err)

    def test_what_it_prints_can_be_pasted(self):
        kept = self.temp.parent / "kept elsewhere"
        process = self.start("--keep", str(kept))
        text = until("it is up", lambda: "Ctrl-C" in (t := self.log.read_text()) and t, 20)
        curl = re.search(r"^  (curl .*)$", text, re.M)[1]
        if shutil.which("curl"):
            subprocess.run(["bash", "-c", curl.replace("curl", "curl -sS --fail", 1)], check=True, env=self.env)
        else:
            self.assertIn("'", curl)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(15 * harness.SLOW), 0)

    def test_json_while_it_runs(self):
        process = self.start("--json")
        line = until("it is up", lambda: re.search(r"^\{.*\}$", self.log.read_text(), re.M), 20)
        found = json.loads(line[0])
        self.assertEqual([n["name"] for n in found["nodes"]], ["hub", "member-1", "member-2"])
        answer = harness.request(found["nodes"][2]["url"] + "api/ping", ca=found["ca_file"])
        self.assertEqual(answer.status, 200)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(15 * harness.SLOW), 0)
        self.assertGone(process)

    def test_children_end_when_the_demo_is_killed(self):
        process = self.start()
        until("it is up", lambda: "Ctrl-C" in self.log.read_text(), 20)
        process.kill()
        process.wait()
        until("no process is left", lambda: not in_session(process.pid), 10)

    def test_no_secret_in_an_argv_or_environment(self):
        process = self.start()
        seen = set()
        while "Ctrl-C" not in self.log.read_text() and process.poll() is None:
            seen.update(in_session(process.pid))
        process.send_signal(signal.SIGINT)
        process.wait(15 * harness.SLOW)
        for line in seen:
            self.assertNotRegex(line, r"\b[A-HJ-NP-Z2-9]{4,6}-[A-HJ-NP-Z2-9]{4,6}\b|adaos_[a-z]+_\w{20}")
        self.assertGone(process)


if __name__ == "__main__":
    os.environ.pop("ADAOS_KEEP", None)
    harness.main()
