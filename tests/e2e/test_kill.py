"""kill -9 at random points of a join: nobody is half joined, no code lets two machines in, and who
joined is listed. A failure prints its seed; ADAOS_SEED repeats it."""
import collections
import os
import random
import re
import subprocess
import time

import harness
import strangers
from harness import Case, until

VICTIMS = (
    "root",            # while a machine joins at Root
    "joiner",          # the joining command itself, at Root
    "hub",             # which Root tells about the new member
    "hub's own door",  # the hub, while a machine joins at its door
    "joiner at hub",   # the joining command, at the hub's door
    "member",          # a serving node that picks the membership up while it comes
)


class Kill(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        began = time.monotonic()
        cls.join(cls.world.node("warm-up"), cls.hub.join_code()["code"], local=False).communicate()
        cls.usual = time.monotonic() - began

    @classmethod
    def join(cls, node, code: str, local: bool) -> subprocess.Popen:
        where = ["--root", cls.hub.url] if local else ["--root", cls.root.url, "--ca-fingerprint", cls.root_pin()]
        return subprocess.Popen([harness.BIN / "adaos", "node", "join", "--timeout", "10", *where], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**node.env(), "ADAOS_JOIN_CODE": code}, cwd=cls.world.folder)

    @classmethod
    def root_pin(cls) -> str:
        if not hasattr(cls, "pin"):
            cls.pin = cls.root.pin
        return cls.pin

    def role_on_disk(self, node) -> tuple[str, str]:
        """Role and node id in node.yaml; "", "" without one. A member's credentials must be whole."""
        path = node.base / "node.yaml"
        if not path.exists():
            return "", ""
        yaml = path.read_text()
        role = re.search(r"^role: *['\"]?(\w+)", yaml, re.M).group(1)
        node_id = re.search(r"^node_id: *['\"]?([0-9a-f-]{36})", yaml, re.M).group(1)
        if role == "member":
            keys = node.base / "keys"
            cert, key = (keys / "member_cert.pem").read_text(), (keys / "member_private.pem").read_text()
            self.assertEqual(strangers.public_key(cert, "x509"), strangers.public_key(key, "pkey"), "half joined: key and certificate differ")
            self.assertIn("BEGIN CERTIFICATE", (keys / "member_ca.cert").read_text())
            self.assertIn(self.hub.subnet, yaml)
        return role, node_id

    def one_round(self, number: int, victim: str, dice: random.Random):
        local = victim in ("hub's own door", "joiner at hub")
        node = self.world.node(f"m{number}")
        if victim == "member":
            node.start()
        words = ("--local",) if local else ()
        code = until("the hub makes a code", lambda: self.hub.join_code(*words)["code"], 20)
        joining = self.join(node, code, local)
        time.sleep(dice.uniform(0, 1.4 * self.usual))
        if victim in ("root",):
            self.root.kill()
        elif victim in ("hub", "hub's own door"):
            self.hub.kill()
        elif victim == "member":
            node.kill()
        else:
            joining.kill()
        _, err = joining.communicate(timeout=30 * harness.SLOW)
        for server in (self.root, self.hub):
            if not server.running():
                server.start()
        role, node_id = self.role_on_disk(node)
        if joining.returncode == 0:
            self.assertEqual(role, "member", f"the command said joined\n{err}")
        outcome = "joined" if role == "member" else "not yet"
        if role != "member":
            again = self.join(node, code, local)
            out, err = again.communicate(timeout=30 * harness.SLOW)
            self.assertEqual(again.returncode, 0, f"the same machine cannot finish its join:\n{out}{err}")
            role, node_id = self.role_on_disk(node)
            self.assertEqual(role, "member")
        stranger = self.world.node(f"s{number}")
        second = self.join(stranger, code, local)
        _, err = second.communicate(timeout=30 * harness.SLOW)
        self.assertEqual(second.returncode, 12, f"a used code: {err}")
        self.assertEqual(self.role_on_disk(stranger)[0], "")
        until(f"the hub lists {node_id}", lambda: self.hub.member(node_id), 20)
        if victim == "member" or number % 4 == 0:
            if not node.running():
                node.start()
            node.wait_connected(30)
            node.stop()
        elif node.running():
            node.stop()
        return outcome

    def test_random_points(self):
        seed = int(os.environ.get("ADAOS_SEED", random.randrange(1 << 30)))
        count = harness.rounds(12, 102)
        began, outcomes = time.monotonic(), collections.Counter()
        for number in range(count):
            victim = VICTIMS[number % len(VICTIMS)]
            with self.subTest(round=number, victim=victim, seed=seed):
                outcomes[f"{victim}: {self.one_round(number, victim, random.Random(seed + number))}"] += 1
        print(f"\n  {count} rounds, seed {seed}, {time.monotonic() - began:.1f} s, a join takes {self.usual:.2f} s")
        for outcome, times in sorted(outcomes.items()):
            print(f"    {outcome}: {times}")


if __name__ == "__main__":
    harness.main()
