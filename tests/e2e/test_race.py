"""One code, many redeemers: exactly one wins, at Root's door and at a hub's, round after round."""
import collections
import json
import multiprocessing
import ssl
import threading
import time
import uuid

import harness
from harness import Case
from strangers import make_csr

PROCESSES, THREADS = 8, 4
PROOFS = 5  # of one code at a time; a sixth is refused like guessing (exit 13), whoever it is: docs/protocol/join.md


def redeemer(door: str, ca: str | None, csrs: list[str], barrier, codes, results):
    """One process: for each code, THREADS machines redeem it at the same moment."""
    while (code := codes.get()) is not None:
        found: list[tuple[int, str, str]] = []
        lock = threading.Lock()

        def attempt(csr: str):
            order = {"code": code, "node_id": str(uuid.uuid4()), "hostname": "racer", "csr_pem": csr, "attempt_id": uuid.uuid4().hex}
            connection, target = harness.open_connection(door, ca)
            connection.connect()
            barrier.wait(60)
            try:
                connection.request("POST", target, body=json.dumps(order), headers={"Content-Type": "application/json"})
                reply = connection.getresponse()
                status, value = reply.status, json.loads(reply.read())
                entry = (status, value.get("code", ""), order["node_id"])
            except (OSError, ssl.SSLError, ValueError) as e:
                entry = (0, repr(e), order["node_id"])
            finally:
                connection.close()
            with lock:
                found.append(entry)

        threads = [threading.Thread(target=attempt, args=(csr,)) for csr in csrs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        results.put(found)


class Race(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.csrs = [make_csr(cls.world.folder, f"racer{i}") for i in range(PROCESSES * THREADS)]

    def race(self, door: str, ca: str | None, more: tuple[str, ...], count: int):
        """`count` codes, each redeemed by PROCESSES x THREADS machines at once."""
        fork = multiprocessing.get_context("fork")
        barrier, results = fork.Barrier(PROCESSES * THREADS), fork.Queue()
        queues = [fork.Queue() for _ in range(PROCESSES)]
        workers = [fork.Process(target=redeemer, daemon=True,
                                args=(door, ca, self.csrs[i * THREADS:(i + 1) * THREADS], barrier, queues[i], results))
                   for i in range(PROCESSES)]
        for worker in workers:
            worker.start()
        began, winners, answers = time.monotonic(), [], collections.Counter()
        try:
            for number in range(count):
                code = self.hub.join_code(*more)["code"]
                for queue in queues:
                    queue.put(code)
                found = [entry for _ in workers for entry in results.get(timeout=120)]
                won = [node_id for status, _, node_id in found if status == 200]
                answers.update(f"{status} {problem}" for status, problem, _ in found)
                self.assertEqual(len(won), 1, f"round {number}: {len(won)} won; {collections.Counter(f[:2] for f in found)}")
                losers = {(status, problem) for status, problem, _ in found if status != 200}
                self.assertEqual(losers, {(409, "ADAOS-J005")}, f"round {number}")
                winners += won
        finally:
            for queue in queues:
                queue.put(None)
            for worker in workers:
                worker.join(20)
        seconds = time.monotonic() - began
        print(f"\n  {count} rounds, {PROCESSES * THREADS} redeemers in {PROCESSES} processes: {seconds:.1f} s, {dict(answers)}", flush=True)
        return winners

    def assertListed(self, winners: list[str]):
        def listed():
            known = {m["node_id"] for m in self.hub.members()}
            return set(winners) <= known

        harness.until("the hub lists every winner", listed, 15)

    def test_at_roots_door(self):
        self.assertListed(self.race(self.root.url + "/v1/subnets/join", self.root.ca, (), harness.rounds(10, 200)))

    def test_at_the_hubs_own_door(self):
        self.assertListed(self.race(self.hub.url + "/api/node/join", None, ("--local",), harness.rounds(10, 200)))

    def test_with_the_real_command(self):
        code = self.hub.join_code()["code"]
        nodes = [self.world.node(f"racer{i}") for i in range(PROOFS)]
        done = []

        def join(node):
            done.append((node, node.cli("node", "join", "--code", code, "--root", self.root.url, "--ca-fingerprint",
                                        self.root.pin, expect=None)))

        threads = [threading.Thread(target=join, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        codes = sorted(d.code for _, d in done)
        self.assertEqual(codes, [0] + [12] * (PROOFS - 1), [d.err for _, d in done])
        for node, d in done:
            self.assertEqual(harness.snapshot(node.base) == {}, d.code != 0)


if __name__ == "__main__":
    harness.main()
