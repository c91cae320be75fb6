"""What the tests about hosts and bootstrap share: keys, requests, servers with settings of their own."""
from __future__ import annotations

import base64
import http.client
import io
import itertools
import json
import os
import pathlib
import ssl
import subprocess
import tarfile

import harness
from harness import Root, Node, post_json


def make_csr(folder, name: str) -> str:
    """A fresh P-384 key in the folder and a request made with it."""
    done = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1",
                           "-nodes", "-keyout", str(folder / f"{name}.key"), "-subj", f"/CN={name}"],
                          capture_output=True, text=True, check=True)
    return done.stdout


def wg_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def with_settings(server, **settings: str):
    """The server's processes get these variables, too."""
    plain = server.env
    server.env = lambda: {**plain(), **settings}
    return server


def root_admin(root: Root) -> dict[str, str]:
    return {"X-Root-Token": pathlib.Path(root.token_file).read_text().strip()}


INSTALLER = """set -eu
stat -c %a "$GPUAAS_NODE_AGENT_REGISTRY_ENV_FILE" 2>/dev/null >"$GPUAAS_NODE_AGENT_ROOT/seen-mode" || echo none >"$GPUAAS_NODE_AGENT_ROOT/seen-mode"
printf '%s %s\\n' "$GPUAAS_NODE_AGENT_INSTALL_CONTAINER_RUNTIME" "$GPUAAS_NODE_AGENT_CONTAINER_RUNTIME_PACKAGE" >"$GPUAAS_NODE_AGENT_ROOT/seen-runtime"
if [ -e "$GPUAAS_NODE_AGENT_ROOT/fail" ]; then exit 3; fi
if [ -e "$GPUAAS_NODE_AGENT_ROOT/hang" ]; then exec sleep 600; fi
"""


def make_package(path: pathlib.Path, version: str = "1"):
    with tarfile.open(path, "w:gz") as tar:
        for name, text in (("bin/adaos", f"#!/bin/sh\necho {version}\n"), ("agent.env.template", "LEVEL=info\n"),
                           ("systemd/adaos-agent.service", "[Unit]\nDescription=agent\n"), ("install.sh", INSTALLER)):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o755 if name.startswith("bin") else 0o644
            tar.addfile(info, io.BytesIO(text.encode()))


addresses = itertools.count(2)


def from_elsewhere(url: str, method: str, *, ca: str | None = None, value=None, headers: dict[str, str] | None = None):
    """A call from an address of its own: wrong secrets are counted by address."""
    n = next(addresses)
    connection, target = harness.open_connection(url, ca)
    connection.source_address = (f"127.0.{n // 250}.{n % 250 + 2}", 0)
    body = None if value is None else json.dumps(value).encode()
    kind = {} if value is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, target, body=body, headers={**kind, **(headers or {})})
        reply = connection.getresponse()
        return harness.Answer(reply.status, reply.headers, reply.read(), 0)
    finally:
        connection.close()


def heartbeat(server, name: str, cert_pem: str, key: pathlib.Path) -> int:
    """One report of the node that holds this key and certificate, over mTLS."""
    cert = key.with_suffix(".crt")
    cert.write_text(cert_pem)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whom it talks to is another test's matter
    context.load_cert_chain(cert, key)
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=30)
    try:
        connection.request("POST", f"/v1/nodes/{name}/heartbeat", b"{}", {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


class Admin:
    """An admin's calls at a server: Root with its token, or a hub with its control token."""

    def __init__(self, server: Root | Node, subnet: str):
        self.server, self.subnet = server, subnet
        self.is_root = isinstance(server, Root)
        self.ca = server.ca if self.is_root else None

    @property
    def headers(self) -> dict[str, str]:
        return root_admin(self.server) if self.is_root else {"X-AdaOS-Token": self.server.token}

    def post(self, path: str, value) -> harness.Answer:
        if self.is_root and isinstance(value, dict):
            value = {"subnet_id": self.subnet, **value}
        return post_json(self.server.url + path, value, ca=self.ca, headers=self.headers)

    def call(self, method: str, path: str, body: bytes | None = None) -> harness.Answer:
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        return harness.request(self.server.url + path, method, ca=self.ca, body=body, headers=headers)

    def bare(self, method: str, path: str, **headers: str) -> harness.Answer:
        """Without any credential but what the headers say."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return from_elsewhere(self.server.url + path, method, ca=self.ca, headers=named)

    def register(self, **order) -> harness.Answer:
        return from_elsewhere(self.server.url + "/api/v1/hosts/register", "POST", ca=self.ca, value=order)
