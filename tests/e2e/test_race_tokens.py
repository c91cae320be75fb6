"""A token of each kind at a real Root over TLS: of 64 machines in 8 processes that redeem one at the same moment one gets it,
and a Root that is killed between its signature and its commit leaves a whole redemption or none."""
import collections
import contextlib
import json
import multiprocessing
import pathlib
import random
import sqlite3
import ssl
import subprocess
import threading
import time
import unittest
import uuid

import crash_points
import harness
from authorities import arrange_sides
from crash_points import KILL_AT, Report
from harness import Case
from strangers import make_csr

KINDS = ("node", "host", "bootstrap")
PROCESSES, THREADS = 8, 8


def post(door: str, ca: str, order: dict, barrier=None) -> tuple[int, dict]:
    """Status and answer; 0 when the connection was lost."""
    connection, target = harness.open_connection(door, ca)
    try:
        connection.connect()
        if barrier:
            barrier.wait(60)
        connection.request("POST", target, body=json.dumps(order), headers={"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    except (OSError, ssl.SSLError, ValueError, harness.http.client.HTTPException) as e:
        return 0, {"lost": repr(e)}
    finally:
        connection.close()


def redeemer(door: str, ca: str, barrier, orders, results):
    """One process: its orders of a round all at the same moment."""
    while (round_ := orders.get()) is not None:
        found = []
        threads = [threading.Thread(target=lambda order=order: found.append((*post(door, ca, order, barrier), order["csr_pem"]))) for order in round_]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        results.put(found)


class Tokens(Case):
    @classmethod
    def arrange(cls):
        arrange_sides(cls)
        cls.root_side = cls.sides[0]
        cls.keys = 0
        cls.machines = [cls.new_machine() for _ in range(PROCESSES * THREADS)]
        cls.database = cls.root.base / "state" / "root.db"

    @classmethod
    def new_machine(cls) -> str:
        """A request with a key that nobody has had: one that was let in is the same node when it comes again."""
        cls.keys += 1
        return make_csr(cls.world.folder, f"machine{cls.keys}")

    def order(self, grant, csr: str) -> dict:
        return self.root_side.order(grant.kind, grant.secret, csr_pem=csr, redeem_id=uuid.uuid4().hex)

    def rows(self, sql: str, *args) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(sql, args).fetchall()

    def held(self, grant) -> tuple[int, list[str], list[str], list[str]]:
        """Of a grant: uses; nodes of its redemptions; those of them with a key; nodes of its audit rows `redeemed`."""
        uses = self.rows("SELECT uses FROM grants WHERE id = ?", grant.id)[0][0]
        redeemed = [row[0] for row in self.rows("SELECT node_id FROM redemptions WHERE grant_id = ? AND certificate_pem <> ''", grant.id)]
        nodes = [row[0] for row in self.rows("SELECT node_id FROM nodes WHERE spki_sha256 <> '' AND node_id IN "
                                             "(SELECT node_id FROM redemptions WHERE grant_id = ?)", grant.id)]
        told = [row[0] for row in self.rows("SELECT node_id FROM audit WHERE grant_id = ? AND event = 'redeemed'", grant.id)]
        return uses, redeemed, nodes, told

    def with_key(self) -> int:
        return self.rows("SELECT count(*) FROM nodes WHERE spki_sha256 <> ''")[0][0]

    def race(self, kind: str, count: int) -> collections.Counter:
        side = self.root_side
        fork = multiprocessing.get_context("fork")
        barrier, results = fork.Barrier(PROCESSES * THREADS), fork.Queue()
        queues = [fork.Queue() for _ in range(PROCESSES)]
        workers = [fork.Process(target=redeemer, daemon=True, args=(self.root.url + side.path(kind), self.root.ca, barrier, queue, results))
                   for queue in queues]
        for worker in workers:
            worker.start()
        answers = collections.Counter()
        try:
            for _ in range(count):
                grant, before = side.mint(kind), self.with_key()
                for i, queue in enumerate(queues):
                    queue.put([self.order(grant, csr) for csr in self.machines[i * THREADS:(i + 1) * THREADS]])
                found = [entry for _ in workers for entry in results.get(timeout=120)]
                won = [(answer, csr) for status, answer, csr in found if status == 201]
                told = collections.Counter(f"{status} {answer.get('code', '')}" for status, answer, _ in found)
                answers.update(told)
                self.assertEqual((len(won), len(found)), (1, PROCESSES * THREADS), told)
                self.assertEqual({status for status, *_ in found}, {201, 401 if kind == "node" else 409}, told)
                answer, csr = won[0]
                self.machines[self.machines.index(csr)] = self.new_machine()
                node_id = answer.get("node_id") or answer["host_id"]
                self.assertEqual(self.held(grant), (1, [node_id], [node_id], [node_id]))
                self.assertEqual(self.with_key(), before + 1)
                self.assertEqual(len(side.redemptions(grant)), 1)
        finally:
            for queue in queues:
                queue.put(None)
            for worker in workers:
                worker.join(20)
        return answers

    def test_of_64_at_once_one_gets_the_token(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                began, count = time.monotonic(), harness.rounds(2, 50)
                answers = self.race(kind, count)
                print(f"\n  {kind}: {count} rounds of {PROCESSES * THREADS} in {PROCESSES} processes, {time.monotonic() - began:.1f} s, "
                      f"{dict(answers)}", flush=True)
        self.assertEqual(self.root.cli("audit", "verify").code, 0)

    def redeem_under_the_knife(self, n: int, door: str, order: dict) -> tuple[Report, int, dict]:
        """One redemption, during which Root is killed before its n-th call to a file or socket. 0: only counted."""
        report = self.world.folder / "calls"
        tracer = subprocess.Popen([KILL_AT, str(n), report, "--pid", str(self.root.pid)], stdout=subprocess.PIPE, text=True)
        with tracer.stdout:
            self.assertEqual(tracer.stdout.readline(), "attached\n")
        status, answer = post(door, self.root.ca, order)
        if n == 0:
            time.sleep(0.03)
        if tracer.poll() is None and status:
            tracer.terminate()
        tracer.wait(10)
        found = Report.read(report)
        if found.killed:
            self.root.process.wait(10)
        return found, status, answer

    def sign_to_commit(self, kind: str) -> range:
        """The calls of a redemption from the first one to the store until its answer is out: the signature, which is made inside
        the transaction, and the commit are among them. Other threads' calls come in between, so the number is about right."""
        side, grant = self.root_side, self.root_side.mint(kind)
        report, status, answer = self.redeem_under_the_knife(0, self.root.url + side.path(kind), self.order(grant, self.new_machine()))
        self.assertEqual(status, 201, answer)
        stored = [i for i, (_, target) in enumerate(report.calls, 1) if "/root.db" in target]
        return range(stored[0], len(report.calls) + 1)

    def check_whole(self, grant, order, door) -> str:
        """What a killed Root left is a whole redemption or none; the same attempt then ends as one."""
        uses, redeemed, nodes, told = self.held(grant)
        self.assertEqual([uses] * 3, [len(redeemed), len(nodes), len(told)], (grant.kind, uses, redeemed, nodes, told))
        self.assertIn(uses, (0, 1))
        status, answer = post(door, self.root.ca, order)
        self.assertEqual(status, 201, answer)
        self.assertEqual(self.held(grant)[0], 1)
        if uses:
            self.assertEqual(self.held(grant)[1:], (redeemed, redeemed, redeemed))
            return "committed"
        return "not committed"

    def test_killed_between_signature_and_commit(self):
        if not crash_points.can_attach(self.root.pid):
            raise unittest.SkipTest("this machine lets nobody trace a running process: see kernel.yama.ptrace_scope")
        dice, side = random.Random(7), self.root_side
        for kind in KINDS:
            with self.subTest(kind=kind):
                began, points, tally = time.monotonic(), self.sign_to_commit(kind), collections.Counter()
                door = self.root.url + side.path(kind)
                for _ in range(harness.rounds(4, 200)):
                    grant, before, n = side.mint(kind), self.with_key(), dice.choice(points)
                    order = self.order(grant, self.new_machine())
                    report, status, _ = self.redeem_under_the_knife(n, door, order)
                    if not self.root.running():
                        self.root.start()
                    how = self.check_whole(grant, order, door)
                    self.assertEqual(self.with_key(), before + 1)
                    self.assertFalse(status == 201 and how != "committed", "an answer that did not outlive Root")
                    tally[f"killed, {how}" if report.killed else "not reached"] += 1
                print(f"\n  {kind}: calls {points.start} to {points.stop - 1}, {time.monotonic() - began:.1f} s, {dict(tally)}", flush=True)
        self.assertEqual(self.root.cli("audit", "verify").code, 0)
        crash_points.check_trail(self.database)


if __name__ == "__main__":
    harness.main()
