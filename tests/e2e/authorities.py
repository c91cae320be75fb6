"""The two authorities, Root and a hub, seen alike: how each of the four kinds of secret is made, and used."""
from __future__ import annotations

import dataclasses
import itertools
import json
import pathlib
import uuid

import harness
from harness import Node, Root
from machines import Admin, from_elsewhere, make_csr, make_package, with_settings

KINDS = ("member", "node", "host", "bootstrap")
numbers = itertools.count(1)


@dataclasses.dataclass
class Grant:
    kind: str
    id: str
    secret: str
    node_id: str = ""  # the one it is for, of a bootstrap token

    def spellings(self) -> set[str]:
        """Everything by which somebody who reads it would have the secret."""
        plain = self.secret.replace("-", "") if self.kind == "member" else self.secret
        return {self.secret, self.secret.lower(), plain, plain.lower()}


class Authority:
    """`server` as the authority: a Root, or a hub with what is its own."""

    def __init__(self, server: Root | Node, hub: Node):
        self.server, self.hub = server, hub
        self.admin = Admin(server, hub.subnet)
        self.name = server.name
        self.requests = hub.world.folder / "requests"
        self.requests.mkdir(exist_ok=True)

    def target(self, noun: str) -> list[str]:
        """What a command says to mean this authority. Of join tokens a hub has two books."""
        if not self.admin.is_root:
            return ["--local"] if noun == "join-token" else []
        return ["--server", self.server.url, "--server-token-file", self.server.token_file, "--ca-fingerprint", self.server.pin,
                "--subnet", self.hub.subnet]

    def cli(self, *words) -> dict:
        return self.hub.cli(*words, *self.target(words[1]), "--json").json()

    def mint(self, kind: str) -> Grant:
        """By the command that the kind has for it."""
        if kind == "member":  # a hub's codes at Root are made over its link
            made = self.hub.join_code(*([] if self.admin.is_root else ["--local"]))
            return Grant(kind, self.newest(kind), made["code"])
        if kind == "node":
            made = self.cli("node", "join-token", "create", "--max-uses", "1")
            return Grant(kind, made["id"], made["token"])
        if kind == "host":
            made = self.cli("host", "invite", "create", "--note", "acceptance")
            return Grant(kind, made["id"], made["token"])
        node_id = self.invite_node()
        made = self.cli("node", "bootstrap-script", node_id)
        return Grant(kind, self.newest(kind), made["bootstrap_token"], node_id)

    def invite_node(self) -> str:
        answer = self.admin.post("/api/v1/admin/nodes", {"host": f"rack-{next(numbers)}.example.org"})
        assert answer.status == 201, answer.body
        return answer.json()["node_id"]

    def newest(self, kind: str) -> str:
        return self.admin.call("GET", f"/v1/enrol/grants?kind={kind}&limit=1").json()["data"][0]["id"]

    def show(self, grant: Grant) -> dict:
        return self.admin.call("GET", f"/v1/enrol/grants/{grant.id}").json()

    def redemptions(self, grant: Grant) -> list[dict]:
        return self.admin.call("GET", f"/v1/enrol/grants/{grant.id}/redemptions").json()["data"]

    def trail(self, query: str = "") -> list[dict]:
        """Oldest first, the whole of it, page by page."""
        found, before = [], ""
        while True:
            page = self.admin.call("GET", f"/v1/audit?limit=200{query}{before}").json()
            found += page["data"]
            if page["meta"]["next_cursor"] is None:
                return found[::-1]
            before = f"&cursor={page['meta']['next_cursor']}"

    DOORS = {"node": "/v1/nodes/join", "host": "/api/v1/hosts/register", "bootstrap": "/v1/enrol"}

    def path(self, door: str) -> str:
        return self.DOORS.get(door) or ("/v1/subnets/join" if self.admin.is_root else "/api/node/join")

    def order(self, door: str, secret: str, **more) -> dict:
        """What the door of that kind wants, all in order."""
        name = f"box-{next(numbers)}"
        order = {"csr_pem": more.get("csr_pem") or make_csr(self.requests, name), "hostname": name, "architecture": "amd64"}
        if door == "member":
            order |= {"code": secret, "node_id": str(uuid.uuid4())}
        elif door == "bootstrap":
            order |= {"secret": secret}
        elif door == "host":
            order |= {"token": secret}
        else:
            order |= {"token": secret, "node_name": name, "advertised_endpoint": f"https://{name}.example.org:9443",
                      "migration_host": "10.0.0.1", "migration_port_range_start": 49152, "migration_port_range_end": 49251}
        return order | more

    def use(self, door: str, secret: str, **more) -> harness.Answer:
        """The secret at the door of that kind, from an address of its own: a wrong one costs its sender."""
        return from_elsewhere(self.server.url + self.path(door), "POST", ca=self.admin.ca, value=self.order(door, secret, **more))

    def use_from(self, address: str, door: str, secret: str, **more) -> harness.Answer:
        connection, target = harness.open_connection(self.server.url + self.path(door), self.admin.ca)
        connection.source_address = (address, 0)
        try:
            connection.request("POST", target, json.dumps(self.order(door, secret, **more)), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            return harness.Answer(reply.status, reply.headers, reply.read(), 0)
        finally:
            connection.close()

    def files(self) -> dict[pathlib.Path, bytes]:
        """All that it has written so far: its base folder and its log."""
        found = {path: path.read_bytes() for path in self.server.base.rglob("*") if path.is_file()}
        found[self.server.log] = self.server.log.read_bytes()
        return found

    def export(self) -> bytes:
        """The trail as it leaves the house."""
        if not self.admin.is_root:
            return json.dumps(self.trail()).encode()
        done = self.server.cli("audit", "export")
        assert done.code == 0, done.err
        return done.out.encode()


def arrange_sides(cls):
    """Root and a hub below it, both able to make every kind of grant, as `cls.sides`."""
    package = cls.world.folder / "adaos-node.tar.gz"
    make_package(package)
    settings = {"NODE_BOOTSTRAP_PACKAGE": str(package)}
    cls.root = with_settings(cls.world.root(), **settings).start()
    hub = cls.world.registered_hub(cls.root)
    hub.stop()
    cls.hub = with_settings(hub, **settings).start()
    harness.until("the hub is back", lambda: cls.root.get(f"/hubs/{cls.hub.subnet}/api/ping").status == 200)
    cls.sides = [Authority(cls.root, cls.hub), Authority(cls.hub, cls.hub)]
