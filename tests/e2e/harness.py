"""What the end-to-end tests share: real binaries, temporary base folders, free ports, bounded waits.

Binaries come from the folder in ADAOS_BIN. Processes are ended by pid, and only those started here.
Standard library only.
"""
from __future__ import annotations

import dataclasses
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

BIN = pathlib.Path(os.environ.get("ADAOS_BIN", "build/dev")).resolve()
CACHE = BIN / "CMakeCache.txt"
SANITIZED = CACHE.is_file() and "-fsanitize" in CACHE.read_text()
SLOW = 6 if SANITIZED else 1  # waits are this much more patient
REPORTS = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error:", "bug:", "terminate called")


def is_full() -> bool:
    return os.environ.get("ADAOS_ROUNDS") == "full"


def rounds(few: int, full: int) -> int:
    """How often to repeat: ADAOS_ROUNDS is a number or `full`."""
    wish = os.environ.get("ADAOS_ROUNDS", str(few))
    return full if wish == "full" else min(int(wish), full)


def until(what: str, check, seconds: float = 10.0, every: float = 0.05):
    """Polls `check` until it is true; its value. Exceptions of the network count as not yet."""
    end = time.monotonic() + seconds * SLOW
    last = None
    while True:
        try:
            last = check()
            if last:
                return last
        except (OSError, http.client.HTTPException, json.JSONDecodeError, AssertionError) as e:
            last = e
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds * SLOW:g} s: {what}; last: {last!r}")
        time.sleep(every)


def snapshot(folder: pathlib.Path) -> dict[str, tuple[int, str]]:
    """Every file below: mode and hash. What a command changed is the difference of two of these."""
    found = {}
    for path in sorted(folder.rglob("*")) if folder.exists() else []:
        if path.is_file():
            data = path.read_bytes()
            found[str(path.relative_to(folder))] = (stat.S_IMODE(path.stat().st_mode), hashlib.sha256(data).hexdigest())
    return found


@dataclasses.dataclass
class Done:
    """A command that ended."""
    code: int
    out: str
    err: str
    seconds: float

    def json(self):
        return json.loads(self.out)


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    def json(self):
        return json.loads(self.body)


def open_connection(url: str, ca: str | None = None, timeout: float = 30.0) -> tuple[http.client.HTTPConnection, str]:
    """A connection to the URL's server and the target to ask it for. `ca`: PEM file to trust."""
    parts = urllib.parse.urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca)
        return http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=timeout, context=context), target
    return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout), target


def request(url: str, method: str = "GET", *, ca: str | None = None, body: bytes | None = None,
            headers: dict[str, str] | None = None, timeout: float = 30.0) -> Answer:
    began = time.monotonic()
    connection, target = open_connection(url, ca, timeout)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        reply = connection.getresponse()
        data = reply.read()
        return Answer(reply.status, reply.headers, data, time.monotonic() - began)
    finally:
        connection.close()


def post_json(url: str, value, *, ca: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    return request(url, "POST", ca=ca, body=json.dumps(value).encode(),
                   headers={"Content-Type": "application/json", **(headers or {})})


class Server:
    """A process that listens and says where in <base>/state/serve.json."""

    def __init__(self, world: "World", name: str, base: pathlib.Path):
        self.world, self.name, self.base = world, name, base
        self.log = world.folder / f"{name}.log"
        self.process: subprocess.Popen | None = None
        self.port = 0

    def command(self) -> list[str]:
        raise NotImplementedError

    def env(self) -> dict[str, str]:
        return self.world.env(self.base)

    def start(self, wait: bool = True):
        assert self.process is None or self.process.poll() is not None, f"{self.name} runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.env(), cwd=self.world.folder)
        self.world.started.append(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            found = json.loads((self.base / "state" / "serve.json").read_text())
            return found if found["pid"] == self.process.pid else None

        self.serving = until(f"{self.name} serves", ready)
        self.port = self.serving["port"]
        self.url = self.serving["url"].rstrip("/")
        return self

    @property
    def pid(self) -> int:
        return self.process.pid

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 10.0) -> int:
        """SIGTERM; the exit code."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end within {seconds * SLOW:g} s of SIGTERM:\n{self.tail()}")

    def kill(self):
        if self.running():
            self.process.kill()
        self.process.wait()

    def rss(self) -> int:
        """Resident bytes now."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Root(Server):
    def command(self) -> list[str]:
        return [str(BIN / "adaos-root"), "serve", "--base-dir", str(self.base), "--port", str(self.port)]

    @property
    def ca(self) -> str:
        return str(self.base / "keys" / "root_ca.pem")

    @property
    def token_file(self) -> str:
        return str(self.base / "keys" / "root_token")

    @property
    def pin(self) -> str:
        done = self.world.run([BIN / "adaos-root", "ca", "fingerprint", "--base-dir", self.base])
        assert done.code == 0, done
        return done.out.strip()

    def cli(self, *words) -> Done:
        return self.world.run([BIN / "adaos-root", *words, "--base-dir", self.base])

    def get(self, path: str, **more) -> Answer:
        return request(self.url + path, ca=self.ca, **more)


class Node(Server):
    extra: tuple[str, ...] = ()

    def command(self) -> list[str]:
        return [str(BIN / "adaos"), "api", "serve", "--port", str(self.port), *self.extra]

    def cli(self, *words, expect: int | None = 0, stdin: str = "", env: dict[str, str] | None = None,
            timeout: float = 60.0) -> Done:
        """`adaos WORDS` on this node's base folder."""
        done = self.world.run([BIN / "adaos", *words], env={**self.env(), **(env or {})}, stdin=stdin, timeout=timeout)
        if expect is not None and done.code != expect:
            raise AssertionError(f"adaos {' '.join(map(str, words))}: exit {done.code}, not {expect}\n{done.out}{done.err}")
        return done

    @property
    def token(self) -> str:
        return json.loads((self.base / "state" / "node_runtime.json").read_text())["token"]

    def get(self, path: str, **more) -> Answer:
        return request(self.url + path, headers={"X-AdaOS-Token": self.token, **more.pop("headers", {})}, **more)

    def status(self) -> dict:
        return self.cli("node", "status", "--json", expect=None).json()

    def members(self) -> list[dict]:
        return self.cli("node", "members", "--json").json()["members"]

    def member(self, node_id: str) -> dict | None:
        return next((m for m in self.members() if m["node_id"] == node_id), None)

    def wait_connected(self, seconds: float = 15.0) -> dict:
        def linked():
            status = self.status()
            return status if status["connected_to_hub"] is True and status["ready"] is True else None

        return until(f"{self.name} is connected to its hub", linked, seconds, every=0.1)

    def join_code(self, *words) -> dict:
        return self.cli("hub", "join-code", "create", "--json", *words).json()

    def access(self, scope: str, *words) -> str:
        return self.cli("access", "create", "--name", f"e2e-{scope}", "--scope", scope, "--json", *words).json()["token"]


class World:
    """A temporary folder and the processes that live in it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adaos-e2e-"))
        self.started: list[Server] = []

    def env(self, base: pathlib.Path | None = None) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("ADAOS_", "BASE_DIR", "ENV_TYPE"))
                and not k.lower().endswith("_proxy")}
        keep.update(HOME=str(self.folder / "home"), NO_COLOR="1")
        keep.setdefault("TSAN_OPTIONS", "halt_on_error=1")
        if base:
            keep["ADAOS_BASE_DIR"] = str(base)
        return keep

    def run(self, command, *, env: dict[str, str] | None = None, stdin: str = "", timeout: float = 60.0) -> Done:
        began = time.monotonic()
        done = subprocess.run([str(w) for w in command], input=stdin, capture_output=True, text=True,
                              env=env or self.env(), cwd=self.folder, timeout=timeout * SLOW)
        for report in REPORTS:
            assert report not in done.stderr, f"{command}:\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def root(self, name: str = "root") -> Root:
        return Root(self, name, self.folder / name)

    def node(self, name: str) -> Node:
        return Node(self, name, self.folder / name)

    def registered_hub(self, root: Root, name: str = "hub", *, connect: bool = True) -> Node:
        """A hub that has its identity from `root`, serving, its link up."""
        hub = self.node(name)
        hub.cli("dev", "root", "init", "--root", root.url, "--token-file", root.token_file, "--ca-fingerprint", root.pin)
        hub.start()
        hub.subnet = hub.status()["subnet_id"]
        if connect:
            until("the hub answers through Root", lambda: root.get(f"/hubs/{hub.subnet}/api/ping").status == 200)
        return hub

    def close(self):
        faults = []
        for server in reversed(self.started):
            if server.running():
                try:
                    server.stop()
                except AssertionError as e:
                    faults.append(str(e))
        for server in {s.name: s for s in self.started}.values():
            text = server.log.read_text(errors="replace") if server.log.exists() else ""
            faults += [f"{server.name}: {r} in its log:\n{text[max(0, text.index(r) - 500):][:4000]}" for r in REPORTS if r in text]
        if os.environ.get("ADAOS_KEEP"):
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        if faults:
            raise AssertionError("\n".join(faults))


class Case(unittest.TestCase):
    """A test class with one World; logs of its processes are printed when a test fails."""
    world: World
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        for binary in ("adaos", "adaos-root"):
            assert (BIN / binary).is_file(), f"no {binary} in {BIN}: set ADAOS_BIN"
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        try:
            cls.arrange()
        except BaseException:
            cls.print_logs()
            raise

    @classmethod
    def arrange(cls):
        """What all tests of the class start from."""

    @classmethod
    def print_logs(cls):
        for server in {s.name: s for s in cls.world.started}.values():
            print(f"----- {server.name}\n{server.tail()}", file=sys.stderr)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.print_logs()

    def assertFails(self, done: Done, code: int, problem: str):
        """A command ended with this exit code, this id, and a hint; stdout has no result."""
        self.assertEqual(done.code, code, done.out + done.err)
        self.assertIn(problem, done.err)
        self.assertRegex(done.err, r"(?m)^adaos(-root)?: hint: \S")

    def assertProblem(self, answer: Answer, status: int, problem: str):
        """An HTTP answer is this problem, as problem+json."""
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers.get_content_type(), "application/problem+json")
        value = answer.json()
        self.assertEqual(value["code"], problem)
        self.assertEqual(value["status"], status)
        for key in ("type", "title", "next"):
            self.assertTrue(value[key], value)


def main():
    unittest.main(verbosity=2)


