"""A join in which one process is killed before its N-th call to a file or a socket (build/dev/kill_at), or in which its N-th
call to its disk fails, then brought to its end, and what must be true then."""
from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

import harness
import strangers

KILL_AT = harness.BIN / "kill_at"
SETTLED = 30.0  # what is restarted must have let the machine in within these seconds
AGAIN = 12  # runs of the joining command, at most

# What becomes of the joining machine when a server dies: it is killed as well; it goes on and the server is back soon;
# it has given up before the server is back; it stands still (a laptop's lid) until the server is back.
DIES_TOO, GOES_ON, GIVES_UP, SLEEPS = "dies too", "goes on", "gives up", "sleeps"
FATES = (DIES_TOO, GOES_ON, GIVES_UP, SLEEPS)


@dataclasses.dataclass(frozen=True)
class Victim:
    name: str
    who: str  # joiner, root, hub
    at_hub: bool  # at the hub's own door, with a code of its own; else at Root's


VICTIMS = (
    Victim("joiner at Root", "joiner", False),
    Victim("joiner at the hub", "joiner", True),
    Victim("Root", "root", False),
    Victim("hub, told by Root", "hub", False),
    Victim("hub at its own door", "hub", True),
)


@dataclasses.dataclass
class Report:
    """What kill_at wrote: each call, and how it ended."""
    calls: list[tuple[str, str]]
    end: str

    @classmethod
    def read(cls, path: pathlib.Path) -> Report:
        *lines, end = path.read_text(errors="replace").splitlines()
        return cls([tuple(line.split("\t")[1:3]) for line in lines], end)

    @property
    def killed(self) -> bool:
        return self.end == "killed"

    @property
    def failed(self) -> bool:
        return self.end.startswith("failed")


class Mesh:
    """A Root and a hub that outlive many joins, and who joined."""

    def __init__(self, world: harness.World):
        self.world = world
        self.root = world.root().start()
        self.hub = world.registered_hub(self.root)
        self.joined: list[str] = []
        self.number = 0

    def server(self, victim: Victim) -> harness.Server:
        return self.root if victim.who == "root" else self.hub

    def ask(self, at_hub: bool, path: str, value=None):
        """One route of the authority, as its admin; POST when there is a value."""
        if at_hub:
            door, more = self.hub, {"headers": {"X-AdaOS-Token": self.hub.token}}
        else:
            token = pathlib.Path(self.root.token_file).read_text().strip()
            door, more = self.root, {"headers": {"Authorization": f"Bearer {token}"}, "ca": self.root.ca}
        answer = harness.request(door.url + path, **more) if value is None else harness.post_json(door.url + path, value, **more)
        assert answer.status in (200, 201), answer
        return answer.json()

    def database(self, at_hub: bool) -> pathlib.Path:
        return self.hub.base / "state" / "adaos.db" if at_hub else self.root.base / "state" / "root.db"

    def count_members(self, at_hub: bool) -> int:
        """In the authority's book: those it let in itself."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database(at_hub)}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM nodes WHERE role = 'member' AND issued_by = ?",
                              ("hub" if at_hub else "root",)).fetchone()[0]

    def join_words(self, victim: Victim, code: str, timeout: int) -> list[str]:
        door = self.hub.url if victim.at_hub else self.root.url
        return [str(harness.BIN / "adaos"), "node", "join", "--json", "--code", code, "--root", door, "--timeout", str(timeout)]

    def run_point(self, victim: Victim, n: int, fate: str = DIES_TOO, error: str = "", second: int = 0) -> Point:
        self.number += 1
        return Point(self, victim, n, fate, error, second).run()


class Point:
    """One join with one death in it. `n` 0: nobody dies. `error`: the n-th call to its disk fails with it (EIO, ENOSPC), instead.
    `second`: the command's second run dies as well, before that call."""

    def __init__(self, mesh: Mesh, victim: Victim, n: int, fate: str, error: str, second: int):
        self.mesh, self.victim, self.n, self.fate, self.error, self.second = mesh, victim, n, fate, error, second
        self.node = mesh.world.node(f"{victim.who}{'-local' if victim.at_hub else ''}-{n}-{mesh.number}")
        self.report_file = mesh.world.folder / f"{self.node.name}.calls"
        self.tries = 0
        self.second_report: Report | None = None
        self.said = ""

    def run(self) -> Point:
        wish = {"kind": "member", "subnet_id": self.mesh.hub.subnet}
        self.grant = self.mesh.ask(self.victim.at_hub, "/v1/enrol/grants", wish)
        self.code = self.grant["code"]
        self.members_before = self.mesh.count_members(self.victim.at_hub)
        if self.victim.who == "joiner":
            self.join_killed()
        else:
            self.join_while_server_dies()
        self.report = Report.read(self.report_file)
        self.report_file.unlink()
        self.finish()
        return self

    def kill_at(self) -> list[str]:
        folder = self.node.base if self.victim.who == "joiner" else self.mesh.server(self.victim).base
        n = f"{self.n}:{self.error}:{folder}" if self.error else str(self.n)
        return [str(KILL_AT), n, str(self.report_file)]

    def join_killed(self):
        done = self.mesh.world.run(self.kill_at() + self.mesh.join_words(self.victim, self.code, 10), env=self.node.env())
        self.first_code = done.code
        self.said = done.err

    def join_while_server_dies(self):
        server = self.mesh.server(self.victim)
        words = self.mesh.join_words(self.victim, self.code, 1 if self.fate == GIVES_UP else 10)
        joining = subprocess.Popen(["sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *words], env=self.node.env(),
                                   cwd=self.mesh.world.folder, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        to_stop = [str(joining.pid)] if self.fate == SLEEPS else []
        tracer = subprocess.Popen([*self.kill_at(), "--pid", str(server.pid), *to_stop], stdout=subprocess.PIPE, text=True)
        with tracer.stdout:
            assert tracer.stdout.readline() == "attached\n", "kill_at cannot attach"
        harness.until("the command waits to be started", lambda: state_of(joining.pid) == "T", every=0.002)
        joining.send_signal(signal.SIGCONT)
        try:
            self.wait_for_either(tracer, joining)
            if tracer.poll() is None:  # no N-th call during this join
                tracer.send_signal(signal.SIGTERM)
                tracer.wait(10)
            if not server.running() and self.fate == DIES_TOO:
                joining.kill()
            if not server.running() and self.fate == GIVES_UP:
                joining.wait(SETTLED)
            if not server.running():
                server.start()
            joining.send_signal(signal.SIGCONT)
            _, self.said = joining.communicate(timeout=SETTLED)
            self.first_code = joining.returncode
        finally:
            for process in (tracer, joining):
                if process.poll() is None:
                    process.kill()
                    process.wait()

    def wait_for_either(self, tracer: subprocess.Popen, joining: subprocess.Popen):
        """Until the server is dead, or the machine has joined and its hub knows."""
        end = time.monotonic() + SETTLED
        while tracer.poll() is None and joining.poll() is None and time.monotonic() < end:
            time.sleep(0.003)
        if tracer.poll() is None and joining.returncode == 0 and self.victim.who == "hub":
            node_id = node_on_disk(self.node)[1]
            with contextlib.suppress(AssertionError):  # it may die while it is asked
                harness.until("", lambda: tracer.poll() is not None or self.mesh.hub.member(node_id), 2, every=0.02)
        elif tracer.poll() is None:
            time.sleep(0.03)  # what the server does after its answer
        if tracer.poll() is not None:
            self.mesh.server(self.victim).process.wait(10)

    def finish(self):
        """The same command until it succeeds: at once, unless the door says to wait."""
        if self.second:
            words = self.mesh.join_words(self.victim, self.code, 10)
            self.mesh.world.run([KILL_AT, self.second, self.report_file, *words], env=self.node.env())
            self.second_report = Report.read(self.report_file)
            self.report_file.unlink()
        for self.tries in range(1, AGAIN + 1):
            done = self.mesh.world.run(self.mesh.join_words(self.victim, self.code, 10), env=self.node.env())
            if done.code == 0:
                self.joined = done.json()
                self.mesh.joined.append(self.joined["node_id"])
                return
            if done.code != 13:
                break
            time.sleep(1)
        raise AssertionError(f"the same machine cannot finish its join: exit {done.code}\n{done.err}\nbefore: {self.said}")


def can_attach(pid: int) -> bool:
    tracer = subprocess.Popen([KILL_AT, "0", "/dev/null", "--pid", str(pid)], stdout=subprocess.PIPE, text=True)
    with tracer.stdout:
        attached = tracer.stdout.readline() == "attached\n"
    tracer.terminate()
    tracer.wait(10)
    return attached


def state_of(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def node_on_disk(node: harness.Node) -> tuple[str, str]:
    """Role and node id in node.yaml; "", "" without one."""
    path = node.base / "node.yaml"
    if not path.exists():
        return "", ""
    yaml = path.read_text()
    return re.search(r"^role: *['\"]?(\w+)", yaml, re.M)[1], re.search(r"^node_id: *['\"]?([0-9a-f-]{36})", yaml, re.M)[1]


def check_node(node: harness.Node):
    """Nothing half written: key, certificate and anchors are whole and fit; secrets are closed to others."""
    keys = node.base / "keys"
    key, cert = (keys / "member_private.pem").read_text(), (keys / "member_cert.pem").read_text()
    assert strangers.public_key(cert, "x509") == strangers.public_key(key, "pkey"), "key and certificate differ"
    assert "END CERTIFICATE" in (keys / "member_ca.cert").read_text()
    runtime = json.loads((node.base / "state" / "node_runtime.json").read_text())
    assert runtime["node_id"] == node_on_disk(node)[1], runtime
    assert not (node.base / "state" / "join_attempt.json").exists(), "the attempt is over, its journal stays"
    for path in node.base.rglob("*"):
        closed = path.is_dir() or "private" in path.name or "runtime" in path.name
        assert not closed or path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


def check_point(point: Point):
    """One member, one use, a credential that belongs to the machine's key."""
    mesh, node_id, at_hub = point.mesh, point.joined["node_id"], point.victim.at_hub
    assert node_on_disk(point.node) == ("member", node_id), (node_on_disk(point.node), node_id)
    check_node(point.node)
    grant = mesh.ask(at_hub, f"/v1/enrol/grants/{point.grant['id']}")
    assert (grant["state"], grant["uses"], grant["used_by"]) == ("exhausted", 1, node_id), grant
    uses = mesh.ask(at_hub, f"/v1/enrol/grants/{point.grant['id']}/redemptions")["data"]
    assert [use["node_id"] for use in uses] == [node_id], uses
    more = mesh.count_members(at_hub) - point.members_before
    assert more == 1, f"{more} members for one machine"
    if point.fate in (GOES_ON, SLEEPS) and point.victim.who != "joiner":
        assert point.first_code == 0, f"the server came back, the command failed: exit {point.first_code}\n{point.said}"
    if point.victim.who == "hub":  # Root tells it, or has told it
        harness.until("the hub lists the member", lambda: mesh.hub.member(node_id), SETTLED)


def check_nobody_else_gets_in(point: Point):
    stranger = point.mesh.world.node(f"stranger-{point.node.name}")
    done = point.mesh.world.run(point.mesh.join_words(point.victim, point.code, 10), env=stranger.env())
    assert done.code == 12, f"a used code: exit {done.code}\n{done.err}"
    assert not harness.snapshot(stranger.base), "a stranger that was refused keeps something"


def check_link(point: Point):
    """The credential works: the member's link comes up."""
    point.node.start()
    point.node.wait_connected(SETTLED)
    point.node.stop()


def check_trail(database: pathlib.Path):
    """The audit chain as docs/protocol/join.md defines it, walked without adaos."""
    def field(value) -> bytes:
        data = str(value).encode()
        return len(data).to_bytes(4, "big") + data

    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], database
        rows = db.execute("SELECT seq, at, event, actor, grant_id, node_id, detail, prev_hash, hash FROM audit ORDER BY seq").fetchall()
    last = bytes(32)
    for number, (*fields, before, own) in enumerate(rows, 1):
        assert fields[0] == number and before == last, f"{database}: audit row {number}"
        last = hashlib.sha256(last + b"".join(map(field, fields))).digest()
        assert own == last, f"{database}: audit row {number}"
    redeemed = [row[4] for row in rows if row[2] == "redeemed"]
    assert len(redeemed) == len(set(redeemed)), f"{database}: a grant is redeemed twice in the trail"


def check_mesh(mesh: Mesh):
    """The hub lists everybody, once, and both trails are whole."""
    def missing():
        listed = [member["node_id"] for member in mesh.hub.members()]
        assert len(listed) == len(set(listed)), "a member is listed twice"
        return set(mesh.joined) - set(listed)

    harness.until("the hub lists everybody who joined", lambda: not missing(), SETTLED)
    said = mesh.root.cli("audit", "verify")
    assert said.code == 0, said
    for at_hub in (False, True):
        check_trail(mesh.database(at_hub))
