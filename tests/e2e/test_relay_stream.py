"""A gigabyte down and up through Root, by hash, while every process's memory stays flat."""
import hashlib
import json
import os
import threading
import time

import harness
from harness import Case

SIZE = int(os.environ.get("ADAOS_STREAM_MIB", "64" if harness.SANITIZED else "1024")) * 1024 * 1024
GROWTH = 48 * 1024 * 1024  # what one process may grow by: its windows and buffers, not the stream
PERIOD = bytes(range(251))  # byte i of the stream is i mod 251
BLOCK = PERIOD * 1024  # 257 024 bytes


def expected_hash(size: int) -> str:
    digest = hashlib.sha256()
    for _ in range(size // len(BLOCK)):
        digest.update(BLOCK)
    digest.update(BLOCK[: size % len(BLOCK)])
    return digest.hexdigest()


class Watch:
    """Samples the resident memory of servers while the `with` block runs."""

    def __init__(self, *servers):
        self.servers = servers
        self.before = {s.name: s.rss() for s in servers}
        self.most = dict(self.before)
        self.done = threading.Event()

    def __enter__(self):
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()
        return self

    def _sample(self):
        while not self.done.wait(0.02):
            for s in self.servers:
                self.most[s.name] = max(self.most[s.name], s.rss())

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.began

    def growth(self) -> dict[str, int]:
        return {name: self.most[name] - self.before[name] for name in self.before}


class RelayStream(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.member = cls.world.node("member")
        joined = cls.member.cli("node", "join", "--code", cls.hub.join_code()["code"], "--root", cls.root.url,
                                "--ca-fingerprint", cls.root.pin, "--json").json()
        cls.member.start()
        cls.member.wait_connected()
        token = cls.hub.access("operate")
        cls.headers = {"Authorization": f"Bearer {token}"}
        cls.to_hub = f"{cls.root.url}/hubs/{cls.hub.subnet}"
        cls.to_member = f"{cls.to_hub}/nodes/{joined['node_id']}"
        cls.hash = expected_hash(SIZE)

    def report(self, what: str, watch: Watch, servers):
        growth = watch.growth()
        rate = SIZE / watch.seconds / 1e6
        print(f"\n  {what}: {SIZE >> 20} MiB in {watch.seconds:.1f} s, {rate:.0f} MB/s; memory grew by "
              + ", ".join(f"{n} {g / 1048576:.1f} MiB" for n, g in growth.items()), flush=True)
        if not harness.SANITIZED:
            for server in servers:
                self.assertLess(growth[server.name], GROWTH, f"{server.name} buffers the stream")

    def download(self, base: str, servers):
        with Watch(*servers) as watch:
            connection, target = harness.open_connection(f"{base}/api/probe/download?bytes={SIZE}", self.root.ca, timeout=120)
            connection.request("GET", target, headers=self.headers)
            reply = connection.getresponse()
            self.assertEqual(reply.status, 200)
            digest, got = hashlib.sha256(), 0
            while data := reply.read1(1 << 18):
                digest.update(data)
                got += len(data)
            connection.close()
        self.assertEqual((got, digest.hexdigest()), (SIZE, self.hash))
        return watch

    def upload(self, base: str, servers, chunked: bool):
        def body():
            left = SIZE
            while left:
                piece = BLOCK if left >= len(BLOCK) else BLOCK[:left]
                left -= len(piece)
                yield piece

        with Watch(*servers) as watch:
            connection, target = harness.open_connection(f"{base}/api/probe/upload", self.root.ca, timeout=120)
            length = {} if chunked else {"Content-Length": str(SIZE)}
            connection.request("POST", target, body=body(), headers={**self.headers, **length}, encode_chunked=chunked)
            reply = connection.getresponse()
            answer = reply.read()
            connection.close()
        self.assertEqual(reply.status, 200, answer)
        value = json.loads(answer)
        self.assertEqual((value["bytes"], value["sha256"]), (SIZE, self.hash))
        return watch

    def test_download_from_the_member(self):
        servers = (self.root, self.hub, self.member)
        self.report("member, down", self.download(self.to_member, servers), servers)

    def test_upload_to_the_member(self):
        servers = (self.root, self.hub, self.member)
        self.report("member, up", self.upload(self.to_member, servers, chunked=False), servers)

    def test_upload_to_the_hub_in_chunks(self):
        servers = (self.root, self.hub)
        self.report("hub, up, chunked", self.upload(self.to_hub, servers, chunked=True), servers)

    def test_a_slow_reader_holds_nobody_up(self):
        """One caller stops reading in mid-stream: memory stays, others are served at once."""
        servers = (self.root, self.hub, self.member)
        with Watch(*servers) as watch:
            connection, target = harness.open_connection(f"{self.to_member}/api/probe/download?bytes={SIZE}", self.root.ca, timeout=60)
            connection.request("GET", target, headers=self.headers)
            reply = connection.getresponse()
            reply.read(1 << 20)
            slowest = 0.0
            for _ in range(20):
                answer = harness.request(f"{self.to_member}/api/ping", ca=self.root.ca, headers=self.headers)
                self.assertEqual(answer.status, 200)
                slowest = max(slowest, answer.seconds)
                time.sleep(0.1)
            connection.close()
        self.report("a reader that stopped", watch, servers)
        self.assertLess(slowest, 1.0 * harness.SLOW)

    def test_a_caller_that_goes_away_frees_everything(self):
        for _ in range(30):
            connection, target = harness.open_connection(f"{self.to_member}/api/probe/download?bytes={SIZE}", self.root.ca, timeout=60)
            connection.request("GET", target, headers=self.headers)
            connection.getresponse().read(1 << 16)
            connection.close()
        answer = harness.request(f"{self.to_member}/api/ping", ca=self.root.ca, headers=self.headers)
        self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    harness.main()
