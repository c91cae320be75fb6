"""A disk that fails: each call that opens, writes, syncs, renames or makes a file, of the joining machine, of Root, and of the
hub, fails once with EIO or ENOSPC while a machine joins. When the fault is over the same command ends with one member, one
use of the code, and a credential that works. And a machine whose second run is killed, too.

ADAOS_ROUNDS=full tries every call with both errors; less is a sample, whatever the number.
"""
import collections
import time
import unittest

import crash_points
import harness
from crash_points import GOES_ON, KILL_AT, VICTIMS, Report, Victim
from harness import Case

ERRORS = ("EIO", "ENOSPC")
FEW = {"joiner": 2, "root": 1, "hub": 1}  # points of each victim


def spread(count: int, wanted: int) -> list[int]:
    """`wanted` of the numbers 1 to `count`, the middles of as many equal parts."""
    if wanted >= count:
        return list(range(1, count + 1))
    return [1 + (2 * i + 1) * count // (2 * wanted) for i in range(wanted)]


class TheTool(Case):
    def test_the_call_that_fails_is_not_made_and_the_others_are(self):
        folder = self.world.folder / "disk"
        folder.mkdir()
        done = self.world.run([KILL_AT, f"2:ENOSPC:{folder}", self.world.folder / "calls", "mkdir", folder / "a", folder / "b", folder / "c"])
        self.assertEqual(done.code, 1)
        self.assertIn("No space left on device", done.err)
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["a", "c"])
        report = Report.read(self.world.folder / "calls")
        self.assertEqual(report.end, "failed\tended\t1")
        self.assertEqual(report.calls, [("mkdir", str(folder / name)) for name in "abc"])


class Faults(Case):
    @classmethod
    def arrange(cls):
        if harness.SANITIZED:
            raise unittest.SkipTest("a sanitizer's own calls would be most of them")
        cls.mesh = crash_points.Mesh(cls.world)
        if not crash_points.can_attach(cls.mesh.root.pid):
            raise unittest.SkipTest("this machine lets nobody trace a running process: see kernel.yama.ptrace_scope")

    @classmethod
    def print_logs(cls):
        mesh = getattr(cls, "mesh", None)
        for server in (mesh.root, mesh.hub) if mesh else ():
            print(f"----- {server.name}\n{server.tail()}")

    def try_point(self, victim: Victim, n: int, error: str) -> list[str]:
        point = self.mesh.run_point(victim, n, GOES_ON if victim.who == "hub" else crash_points.DIES_TOO, error)
        point.fate = crash_points.DIES_TOO  # the command may fail with the disk; it is run again
        crash_points.check_point(point)
        if not point.report.failed:
            return ["not reached"]
        if point.first_code != 0 and victim.who == "joiner":
            self.assertIn("ADAOS-", point.said, "a failure that says nothing")
        how = "at once" if point.first_code == 0 else "by the same command, run again"
        return [f"{error} from {point.report.calls[n - 1][0]}", f"joined {how}", *["waited for the door"] * (point.tries - 1)]

    def matrix_of(self, victim: Victim):
        began, tally, faults = time.monotonic(), collections.Counter(), []
        count = len(self.mesh.run_point(victim, 0, error="EIO").report.calls)
        wanted = 1000 if harness.is_full() else FEW[victim.who]
        is_full = wanted >= count
        todo = [(n, error) for i, n in enumerate(spread(count, wanted))
                for j, error in enumerate(ERRORS) if is_full or (i + j) % 2 == 0]
        for n, error in todo:
            try:
                tally.update(self.try_point(victim, n, error))
            except Exception as e:
                faults.append(f"{victim.name}, call {n} of {count}, {error}: {type(e).__name__} {e}")
        crash_points.check_mesh(self.mesh)
        print(f"\n  {victim.name}: {len(todo)} faults in {count} calls, {time.monotonic() - began:.1f} s, {len(faults)} wrong\n    "
              + ", ".join(f"{name} {times}" for name, times in sorted(tally.items())), flush=True)
        self.assertEqual(faults, [], "\n".join(faults[:20]))

    def test_a_disk_that_fails_once(self):
        for victim in VICTIMS:
            with self.subTest(victim=victim.name):
                self.matrix_of(victim)

    def test_a_machine_whose_second_run_is_killed_too(self):
        for victim in VICTIMS:
            if victim.who != "joiner":
                continue
            with self.subTest(victim=victim.name):
                began, tally = time.monotonic(), collections.Counter()
                point = self.mesh.run_point(victim, 0)
                base = str(point.node.base)
                first = next(i for i, (_, target) in enumerate(point.report.calls, 1) if target.startswith(base))
                wanted = 24 if harness.is_full() else 1
                points = [first - 1 + n for n in spread(len(point.report.calls) - first + 1, wanted)]
                for i, n in enumerate(points):
                    seconds = points if wanted > 1 else [n + 7]
                    for second in seconds:
                        point = self.mesh.run_point(victim, n, second=second)
                        crash_points.check_point(point)
                        both = point.report.killed and point.second_report.killed
                        tally["killed twice" if both else "ended before the second death"] += 1
                print(f"\n  {victim.name}: {time.monotonic() - began:.1f} s, {dict(tally)}", flush=True)
        crash_points.check_mesh(self.mesh)


if __name__ == "__main__":
    harness.main()
