"""Where a secret comes from, and that a command line does not show it: real processes, real terminals, no subnet."""
import os
import pathlib
import pty
import select
import signal
import subprocess
import termios

import harness
from harness import Case, until
from strangers import Recorder

ADAOS = harness.BIN / "adaos"
CODE = "ABCD-EFGH"  # has the form of a code; nobody knows it
TOKEN = "adaos_rt_canary0123456789"
WARNING = "adaos: warning: "


class Terminal:
    """A process whose standard streams are a terminal of its own."""

    def __init__(self, words, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], [str(word) for word in words], env)
        self.shown = ""

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def read(self) -> bool:
        """False at the end."""
        assert select.select([self.fd], [], [], 10 * harness.SLOW)[0], f"nothing more after {self.shown!r}"
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def expect(self, text: str):
        while text not in self.shown:
            assert self.read(), f"no {text!r} in {self.shown!r}"

    def type(self, text: str):
        os.write(self.fd, text.encode())

    def wait(self) -> int:
        """The exit code, or minus the signal."""
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class Secrets(Case):
    @classmethod
    def arrange(cls):
        cls.silent = Recorder(cls.world.folder, tls=False)
        cls.addClassCleanup(cls.silent.close)
        cls.at = ("--root", f"http://127.0.0.1:{cls.silent.port}", "--timeout", "1")

    def setUp(self):
        self.env = self.world.env(self.world.folder / self._testMethodName)

    def join(self, *words, stdin="", **env):
        return self.world.run([ADAOS, "node", "join", *words, *self.at], env={**self.env, **env}, stdin=stdin)

    def refused(self, why: str, *words, stdin="", **env):
        before = self.silent.connections
        done = self.join(*words, stdin=stdin, **env)
        self.assertFails(done, 2, f"adaos: error: ADAOS-N009 a code or token could not be read: {why}")
        self.assertEqual(self.silent.connections, before)
        self.assertFalse((self.world.folder / self._testMethodName).exists())

    def words_of(self, command) -> str:
        """What `ps` shows of the command while it waits for the server."""
        before = self.silent.connections
        with subprocess.Popen([ADAOS, *command], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            until("it asks the server", lambda: self.silent.connections > before)
            shown = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
            process.kill()
            self.said = process.stderr.read()
        return shown

    def test_ps_shows_no_secret(self):
        url = self.at[1]
        for command, secret in ((("node", "join", "--code", CODE), CODE), (("node", "join", f"--code={CODE}"), CODE),
                                (("dev", "root", "init", "--token", TOKEN), TOKEN), (("dev", "root", "init", f"--token={TOKEN}"), TOKEN)):
            shown = self.words_of((*command, "--root", url))
            self.assertNotIn(secret, shown)
            self.assertIn("*" * len(secret), shown)
            self.assertIn(f"\0--root\0{url}", shown)
            self.assertEqual(self.said.count(WARNING), 1, self.said)
            self.assertNotIn(secret, self.said)
        for form in (("--server-token", TOKEN), (f"--server-token={TOKEN}",)):
            shown = self.words_of(("enrol", "list", *form, "--server", url))
            self.assertNotIn(TOKEN, shown)
            self.assertEqual(self.said.count(WARNING + "--server-token: "), 1, self.said)

    def test_ps_shows_where_a_secret_is(self):
        self.env["MY_CODE"] = CODE
        self.assertIn("\0--code\0env:MY_CODE\0", self.words_of(("node", "join", "--code", "env:MY_CODE", "--root", self.at[1])))
        self.assertNotIn(WARNING, self.said)

    def test_every_way_is_silent_and_reaches_the_server(self):
        file = self.world.folder / "code"
        file.write_text(f"{CODE}\n")
        file.chmod(0o600)
        for words, more in ((("--code", f"file:{file}"), {}), (("--code-file", file), {}), (("--code", "env:C"), {"C": CODE}),
                            (("--code-env", "C"), {"C": CODE}), (("--code", "-"), {"stdin": f"{CODE}\nmore\n"}),
                            (("--code-stdin",), {"stdin": CODE}), ((), {"ADAOS_JOIN_CODE": CODE})):
            done = self.join(*words, **more)
            self.assertFails(done, 31, "ADAOS-U002")
            self.assertNotIn(WARNING, done.err)

    def test_a_file_that_everybody_can_read(self):
        file = self.world.folder / "open-code"
        file.write_text(CODE)
        file.chmod(0o644)
        done = self.join("--code", f"file:{file}")
        self.assertFails(done, 31, "ADAOS-U002")
        self.assertIn(f"{WARNING}--code: every user of this machine can read {file}; ", done.err)

    def test_a_place_without_a_secret(self):
        folder = self.world.folder
        (folder / "empty").touch()
        (folder / "large").write_text("x" * 5000)
        self.refused("--code: /nonexistent/x: No such file or directory", "--code", "file:/nonexistent/x")
        self.refused(f"--code: {folder} is a folder", "--code", f"file:{folder}")
        self.refused(f"--code: {folder}/empty is empty", "--code-file", folder / "empty")
        self.refused(f"--code: {folder}/large has more than 4096 bytes", "--code-file", folder / "large")
        self.refused("--code: the variable GONE is not set", "--code", "env:GONE")
        self.refused("--code: standard input is empty", "--code", "-")
        self.refused("--code: to ask for it, standard input must be a terminal", "--code", "prompt")
        self.refused("--code: to ask for it, standard input must be a terminal", "--code")
        self.refused("no join code was given: --code, --code-file, --code-env or --code-stdin, or the variable ADAOS_JOIN_CODE,")
        done = self.join("--code", CODE, "--code-stdin", stdin=CODE)
        self.assertFails(done, 2, "ADAOS-N004 the command was not understood: more than one of --code, --code-file, ")

    def test_a_secret_is_asked_for_and_not_shown(self):
        for words in (("--code", "prompt"), ("--code",), ("--code", "-"), ()):
            terminal = Terminal([ADAOS, "node", "join", *self.at, *words], self.env)
            terminal.expect("adaos: join code (not shown): ")
            self.assertFalse(terminal.echoes())
            terminal.type(f"{CODE}\n")
            terminal.expect("joining: asking")
            self.assertTrue(terminal.echoes())
            self.assertEqual(terminal.wait(), 31)
            self.assertNotIn("ABCD", terminal.shown)
            self.assertIn("ADAOS-U002", terminal.shown)

    def test_an_empty_answer(self):
        for typed in ("\n", "\x04"):
            terminal = Terminal([ADAOS, "node", "join", *self.at], self.env)
            terminal.expect("(not shown): ")
            terminal.type(typed)
            self.assertEqual(terminal.wait(), 2)
            self.assertIn("ADAOS-N009 a code or token could not be read: --code: what was typed is empty", terminal.shown)

    def test_signals_leave_the_terminal_as_it_was(self):
        for number, keys in ((signal.SIGINT, "\x03"), (signal.SIGQUIT, "\x1c"), (signal.SIGTERM, ""), (signal.SIGHUP, "")):
            terminal = Terminal([ADAOS, "node", "join", *self.at], self.env)
            # Held open as by a shell, so that it can be looked at when the program is gone.
            keeper = os.open(os.readlink(f"/proc/{terminal.pid}/fd/0"), os.O_RDWR | os.O_NOCTTY)
            terminal.expect("(not shown): ")
            terminal.type("ABCD")
            if keys:
                terminal.type(keys)
            else:
                os.kill(terminal.pid, number)
            _, status = os.waitpid(terminal.pid, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), -number)
            self.assertTrue(terminal.echoes())
            self.assertNotIn("ABCD", terminal.shown)
            os.close(keeper)
            os.close(terminal.fd)

    def test_going_on_after_a_stop_asks_again(self):
        line = f"set -m; '{ADAOS}' node join {' '.join(self.at)}; stty; fg"
        terminal = Terminal(["bash", "-c", line], self.env)
        terminal.expect("(not shown): ")
        terminal.type("WXYZ\x1a")  # Ctrl-Z
        terminal.expect("speed")
        self.assertNotIn("WXYZ", terminal.shown)
        terminal.shown = terminal.shown.partition("speed")[2]
        terminal.expect("(not shown): ")
        self.assertNotIn("-echo", terminal.shown)
        terminal.type(f"{CODE}\n")
        self.assertEqual(terminal.wait(), 31)
        self.assertNotRegex(terminal.shown, "WXYZ|ABCD")


if __name__ == "__main__":
    harness.main()
