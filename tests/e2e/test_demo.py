"""`adaos demo`: up in seconds, true to its word, gone without a trace."""
import os
import pathlib
import re
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
                    found.append((entry / "cmdline").read_text().replace("\0", " "))
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

    def test_until_interrupted(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            process = self.start()
            text = until("it prints how to stop it", lambda: re.search(r"Ctrl-C", t := self.log.read_text()) and t, 20)
            urls = re.findall(r"https?://[^\s\"']+", text)
            self.assertTrue([u for u in urls if "/hubs/sn_" in u and "/nodes/" in u], text)
            self.assertGreaterEqual(len(in_session(process.pid)), 5, "Root, hub and two members are processes")
            process.send_signal(how)
            self.assertIn(process.wait(15 * harness.SLOW), (0, 128 + how), self.log.read_text())
            self.assertGone(process)

    def test_keep(self):
        kept = self.temp.parent / "kept"
        process = self.start("--check", "--keep", str(kept))
        self.assertEqual(process.wait(60 * harness.SLOW), 0, self.log.read_text())
        self.assertTrue(list(kept.rglob("node.yaml")))
        until("no process is left", lambda: not in_session(process.pid), 5)

    def test_children_end_when_the_demo_is_killed(self):
        process = self.start()
        until("it is up", lambda: "Ctrl-C" in self.log.read_text(), 20)
        process.kill()
        process.wait()
        until("no process is left", lambda: not in_session(process.pid), 10)

    def test_no_secret_in_an_argv(self):
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
