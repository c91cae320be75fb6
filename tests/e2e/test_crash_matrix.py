"""kill -9 at every call to a file or a socket, of the joining machine, of Root, and of the hub, while a machine
joins: the same command run again ends with one member, one use of the code, and a credential that works.

ADAOS_ROUNDS=full tries every call, a number so many of each victim. ADAOS_CRASH='Root:41' tries one again, in every
way that it can go on from there; ADAOS_CRASH=all tries every call in every way.
"""
import collections
import os
import subprocess
import sys
import threading
import time
import unittest

import crash_points
import harness
from crash_points import DIES_TOO, FATES, KILL_AT, VICTIMS, Report, Victim
from harness import Case

WORLDS = 3  # at once
FEW = 3  # points of each victim, without ADAOS_ROUNDS
WISH = os.environ.get("ADAOS_CRASH", "")
RUNS = 3  # in which nobody dies, to see how many calls there are: threads take turns as they like


def spread(points: range, count: int) -> list[int]:
    """`count` of them, evenly, the first and the last among them. In an order in which neighbours are far apart:
    each death after a machine's share costs its address a try, and a door takes few at once."""
    every = list(points)
    if count < len(every):
        every = sorted({every[i * (len(every) - 1) // max(1, count - 1)] for i in range(count)})
    step = max(1, round(len(every) ** 0.5))
    return [n for start in range(step) for n in every[start::step]]


class TheTool(Case):
    """kill_at does what the matrix builds on."""

    def run_at(self, n: int) -> Report:
        self.world.run([KILL_AT, n, self.world.folder / "calls", "mkdir", self.world.folder / "made"])
        return Report.read(self.world.folder / "calls")

    def test_the_call_it_dies_at_is_not_made_and_the_one_before_is(self):
        made = self.world.folder / "made"
        all_calls = self.run_at(0)
        self.assertEqual(all_calls.end, "ended\t0")
        n = 1 + all_calls.calls.index(("mkdir", str(made)))
        made.rmdir()
        self.assertTrue(self.run_at(n).killed)
        self.assertFalse(made.exists())
        self.assertTrue(self.run_at(n + 1).killed)
        self.assertTrue(made.exists())

    def test_a_process_that_it_let_go_runs_on(self):
        root = self.world.root().start()
        tracer = subprocess.Popen([KILL_AT, "0", self.world.folder / "calls", "--pid", str(root.pid)], stdout=subprocess.PIPE)
        with tracer.stdout:
            self.assertEqual(tracer.stdout.readline(), b"attached\n")
        self.assertEqual(root.get("/healthz").status, 200)
        tracer.terminate()
        self.assertEqual(tracer.wait(10), 0)
        report = Report.read(self.world.folder / "calls")
        self.assertEqual(report.end, "let go")
        self.assertIn("accept", dict(report.calls))
        self.assertEqual(root.get("/healthz").status, 200)


class CrashMatrix(Case):
    @classmethod
    def arrange(cls):
        if harness.SANITIZED:
            raise unittest.SkipTest("a sanitizer's own calls would be most of them")
        cls.meshes = [crash_points.Mesh(cls.world)]
        if not crash_points.can_attach(cls.meshes[0].root.pid):
            raise unittest.SkipTest("this machine lets nobody trace a running process: see kernel.yama.ptrace_scope")
        for _ in range(WORLDS - 1):
            world = harness.World()
            cls.addClassCleanup(world.close)
            cls.meshes.append(crash_points.Mesh(world))

    @classmethod
    def print_logs(cls):
        for mesh in getattr(cls, "meshes", []):
            for server in (mesh.root, mesh.hub):
                print(f"----- {server.name} in {mesh.world.folder}\n{server.tail()}", file=sys.stderr)

    def points_of(self, victim: Victim, runs: int) -> range:
        """A command that loads its libraries has touched nothing of ours yet."""
        points = [self.meshes[0].run_point(victim, 0) for _ in range(runs)]
        longest = max(points, key=lambda point: len(point.report.calls))
        first = 1
        if victim.who == "joiner":
            base = str(longest.node.base)
            first += next(i for i, (_, target) in enumerate(longest.report.calls) if target.startswith(base))
        return range(first, len(longest.report.calls) + 1)

    def try_point(self, mesh, victim: Victim, n: int, fate: str) -> list[str]:
        """What is worth counting about it."""
        point = mesh.run_point(victim, n, fate)
        crash_points.check_point(point)
        if mesh.number % 8 == 0:
            crash_points.check_nobody_else_gets_in(point)
        if mesh.number % 16 == 0:
            crash_points.check_link(point)
        if not point.report.killed:
            return ["not reached"]
        how = "by the same command, run again"
        if point.first_code == 0:
            how = "at once"
        elif point.joined["reused"]:
            how = "before it died"
        who = "" if victim.who == "joiner" else f"machine {fate}, "
        return [f"call {point.report.calls[-1][0]}", f"{who}joined {how}", *["waited for the door"] * (point.tries - 1)]

    def try_all(self, victim: Victim, todo: list[tuple[int, str]]) -> tuple[collections.Counter, list[str]]:
        """Each mesh takes the next one as soon as it is free."""
        lock, tally, faults = threading.Lock(), collections.Counter(), []

        def work(mesh):
            while True:
                with lock:
                    if not todo:
                        return
                    n, fate = todo.pop(0)
                try:
                    found = self.try_point(mesh, victim, n, fate)
                    with lock:
                        tally.update(found)
                except Exception as e:  # told in the main thread, with all others
                    with lock:
                        faults.append(f"ADAOS_CRASH='{victim.name}:{n}' ({fate}): {type(e).__name__} {e}")

        workers = [threading.Thread(target=work, args=(mesh,)) for mesh in self.meshes]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return tally, faults

    def matrix_of(self, victim: Victim):
        began = time.monotonic()
        only = WISH.partition(":")[2]
        fates = (DIES_TOO,) if victim.who == "joiner" else FATES
        if only:
            points, chosen = range(0), [int(only)]
        else:
            points = self.points_of(victim, 1 if harness.rounds(FEW, RUNS * FEW) == FEW else RUNS)
            chosen = spread(points, len(points) if WISH == "all" else harness.rounds(FEW, len(points)))
        every_way = bool(WISH)
        todo = [(n, fate) for n in chosen for i, fate in enumerate(fates) if every_way or i == n % len(fates)]
        joins = len(todo)
        tally, faults = self.try_all(victim, todo)
        for mesh in self.meshes:
            crash_points.check_mesh(mesh)
        print(f"\n  {victim.name}: {len(chosen)} of {len(points) or '?'} points, {joins} joins, {time.monotonic() - began:.1f} s, "
              f"{len(faults)} faults")
        calls = sorted((name.removeprefix("call "), times) for name, times in tally.items() if name.startswith("call "))
        print("    killed before: " + ", ".join(f"{name} {times}" for name, times in calls))
        for name, times in sorted(tally.items()):
            if not name.startswith("call "):
                print(f"    {name}: {times}", flush=True)
        self.assertEqual(faults, [], "\n".join(faults[:20]))

    def test_every_victim(self):
        name = WISH.partition(":")[0]
        wanted = [victim for victim in VICTIMS if name in ("", "all", victim.name)]
        self.assertTrue(wanted, f"ADAOS_CRASH: {[victim.name for victim in VICTIMS]}")
        for victim in wanted:
            with self.subTest(victim=victim.name):
                self.matrix_of(victim)


if __name__ == "__main__":
    harness.main()
