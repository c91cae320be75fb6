"""Runs README's command blocks as a reader would who pastes them all at once: those below `<!-- run: NAME -->`,
in order, in one shell, with no pause between them."""
import pathlib
import re
import signal
import subprocess

import harness
import strangers
from harness import Case

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
OWN_NETWORK = strangers.private_network()  # the blocks use the usual ports


class Readme(Case):
    def test_commands(self):
        blocks = re.findall(r"<!-- run: (\w+) -->\n+```sh\n(.*?)```", README.read_text(), re.S)
        self.assertGreaterEqual(len(blocks), 4)
        home = self.world.folder / "home"
        (home / "build").mkdir(parents=True)
        (home / "build" / "release").symlink_to(harness.BIN)
        script = ["set -eu -o pipefail", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
        for name, text in blocks:
            script += [f"echo '=== {name}'", text.replace("timeout 15 ", f"timeout {15 * harness.SLOW} ")]
        with subprocess.Popen(["bash", "-c", "\n".join(script)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, cwd=home, env=self.world.env(), start_new_session=True) as shell:
            try:
                out, _ = shell.communicate(timeout=90 * harness.SLOW)
            except subprocess.TimeoutExpired:
                shell.send_signal(signal.SIGTERM)
                out, _ = shell.communicate(timeout=20)
        self.assertEqual(shell.returncode, 0, out)
        after = {name: part for name, part in zip([b[0] for b in blocks], re.split(r"^=== \w+\n", out, flags=re.M)[1:])}
        self.assertRegex(after["root"], r"sha256:[0-9a-f]{64}")
        self.assertRegex(after["status"], r"member")
        self.assertIn("adaos", after["reach"])


if __name__ == "__main__":
    harness.main()
