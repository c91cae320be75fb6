"""A join token, the agent that goes through the door with it, and what it leaves on the disk."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import random
import socket
import ssl
import stat
import subprocess
import threading

import harness
from harness import BIN, Case, Server, post_json, request, snapshot, until

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def openssl(*words, stdin: bytes = b"") -> str:
    done = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=True)
    return done.stdout.decode()


def make_ca(folder: pathlib.Path, name: str) -> tuple[pathlib.Path, pathlib.Path]:
    """A CA of the test's own and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", key,
            "-out", cert, "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return cert, key


def make_server_chain(folder: pathlib.Path, ca: pathlib.Path, ca_key: pathlib.Path) -> pathlib.Path:
    """PEM of a server for 127.0.0.1, signed by that CA: key, leaf and CA."""
    chain, csr, ext = folder / "server.pem", folder / "server.csr", folder / "server.ext"
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    chain.write_text(key)
    openssl("req", "-new", "-key", chain, "-subj", "/CN=cp", "-out", csr)
    ext.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n"
                   "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    leaf = openssl("x509", "-req", "-in", csr, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "1", "-extfile", ext)
    chain.write_text(key + leaf + ca.read_text())
    return chain


def fingerprint(pem: pathlib.Path) -> str:
    said = openssl("x509", "-in", pem, "-noout", "-fingerprint", "-sha256")
    return "sha256:" + said.split("=")[1].strip().replace(":", "").lower()


@contextlib.contextmanager
def control_plane(chain: pathlib.Path, answers):
    """An HTTPS server of the test's own: `answers(method, path, body)` gives (status, text) or None, which hangs up."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path, body))
            found = answers(self.command, self.path, body)
            if found is None:
                self.close_connection = True
                return
            data = found[1].encode()
            self.send_response(found[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in found[2:]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer

        def log_message(self, *words):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *words: None  # a client that refuses the handshake
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ca_entry(pem: pathlib.Path) -> dict:
    return {"cert_pem": pem.read_text(), "fingerprint_sha256": fingerprint(pem)}


class Agent(Server):
    """`adaos agent serve` in a folder of its own; what it says is its log."""

    def command(self):
        return [str(BIN / "adaos"), "agent", "serve", "--config", str(self.config)]

    @property
    def config(self):
        return self.base / "etc" / "agent.yaml"

    @property
    def certs(self):
        return self.base / "lib" / "certs"

    def lines(self) -> list[dict]:
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def said(self, text: str) -> list[dict]:
        return [line for line in self.lines() if text in json.dumps(line)]

    def bootstrap(self, url: str, pin: str, *words, env=None):
        """What `words` say comes instead of the usual options."""
        usual = {"--cp-url": url, "--ca-fingerprint": pin, "--node-name": self.name,
                 "--advertised-endpoint": "https://127.0.0.1:9443", "--migration-host": "127.0.0.1", "--cert-dir": self.certs,
                 "--config-path": self.config, "--listen": "127.0.0.1:0", "--heartbeat-interval": "1s"}
        options = [word for name, value in usual.items() if name not in words for word in (name, value)]
        return self.world.run([BIN / "adaos", "agent", "bootstrap", *options, *words], env={**self.world.env(), **(env or {})})


class Base(Case):
    @classmethod
    def arrange(cls):
        cls.root = cls.world.root().start()
        cls.hub = cls.world.registered_hub(cls.root)
        cls.admin = {"X-Root-Token": pathlib.Path(cls.root.token_file).read_text().strip()}

    def mint(self, expect=201, **fields):
        answer = post_json(self.root.url + "/v1/nodes/join-tokens", {"subnet_id": self.hub.subnet, **fields},
                           ca=self.root.ca, headers=self.admin)
        self.assertEqual(answer.status, expect, answer.body)
        return answer.json()

    def manage(self, path="", method="GET", **more):
        return request(self.root.url + "/v1/nodes/join-tokens" + path, method, ca=self.root.ca, headers=self.admin, **more)

    def uses(self, token) -> int:
        rows = self.manage("?include_expired=true&limit=200").json()["data"]
        return next(r["consumption_count"] for r in rows if r["id"] == token["id"])

    def agent(self, name) -> Agent:
        return Agent(self.world, name, self.world.folder / f"agent-{name}")

    def enrolled(self, name, **fields):
        agent = self.agent(name)
        token = self.mint(**fields)
        done = agent.bootstrap(self.root.url, self.root.pin, "--token", token["token"])
        self.assertEqual(done.code, 0, done.err)
        return agent, token

    def node(self, name):
        return request(self.root.url + f"/v1/nodes/{name}", ca=self.root.ca, headers=self.admin)


class TokenDoor(Base):
    def body(self, name, token, **more):
        folder = self.world.folder / "csr"
        folder.mkdir(exist_ok=True)
        key = folder / f"{name}.key"
        if not key.exists():
            key.write_text(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"))
        csr = openssl("req", "-new", "-key", key, "-subj", "/CN=whoever", "-addext", "subjectAltName=DNS:bank.example")
        return {"token": token, "csr_pem": csr, "node_name": name, "architecture": "amd64",
                "advertised_endpoint": f"https://{name}.example.org:9443", "migration_host": "10.0.0.1",
                "migration_port_range_start": 49152, "migration_port_range_end": 49251, **more}

    def join(self, body, path="/v1/nodes/join"):
        return post_json(self.root.url + path, body, ca=self.root.ca)

    def test_a_token_is_minted_listed_page_by_page_and_revoked(self):
        made = self.mint(max_uses=1, intended_node_name=" node-7 ", ttl_seconds=600)
        self.assertRegex(made["token"], r"\Aotx_join_[A-Za-z0-9_-]{43}\Z")
        self.assertEqual(made["ca_fingerprint_sha256"], self.root.pin.removeprefix("sha256:"))
        self.assertEqual((made["intended_node_name"], made["max_uses"], made["consumption_count"], made["ttl_clamped"]),
                         ("node-7", 1, 0, False))
        clamped = self.mint(ttl_seconds=30)
        self.assertTrue(clamped["ttl_clamped"])
        self.assertIsNone(clamped["max_uses"])
        page = self.manage("?limit=1")
        self.assertEqual([row["id"] for row in page.json()["data"]], [clamped["id"]])
        self.assertNotIn(b"otx_join_", page.body)
        rest = self.manage(f"?limit=1&cursor={page.json()['meta']['next_cursor']}").json()
        self.assertEqual(rest["data"][0]["id"], made["id"])
        self.assertProblem(self.manage("?cursor=nothing"), 400, "ADAOS-B008")
        self.assertProblem(self.manage("?limit=201"), 400, "ADAOS-B008")
        for _ in range(2):  # again: still so
            self.assertEqual(self.manage(f"/{made['id']}", "DELETE").status, 204)
        self.assertEqual(self.manage(f"/{made['id']}/consumptions").json(), {"data": [], "meta": {"next_cursor": None}})
        for path, method, status in (("/42", "DELETE", 400), (f"/{UNKNOWN}", "DELETE", 404), (f"/{UNKNOWN}/consumptions", "GET", 404)):
            self.assertEqual(self.manage(path, method).status, status, path)

    def test_a_bad_order_is_400_and_says_what_is_wrong(self):
        refused = self.mint(400, intended_node_name="node-1")
        self.assertEqual(refused["details"]["forbidden_combination"], "intended_node_name, max_uses")
        for fields in ({"max_uses": 0}, {"max_uses": -1}, {"ttl_seconds": 0}, {"ttl_seconds": 30, "strict": True},
                       {"intended_node_name": "Bad_Name", "max_uses": 1}, {"intended_node_name": "a.b", "max_uses": 1}):
            self.assertEqual(self.mint(400, **fields)["code"], "ADAOS-B008", fields)

    def test_only_an_admin_manages_tokens_and_a_token_is_no_bearer(self):
        token = self.mint(max_uses=1)
        url = self.root.url + "/v1/nodes/join-tokens"
        self.assertProblem(post_json(url, {}, ca=self.root.ca), 401, "ADAOS-A001")
        self.assertProblem(request(url, ca=self.root.ca, headers={"Authorization": "Bearer " + token["token"]}), 401, "ADAOS-A001")
        view = {"Authorization": "Bearer " + self.hub.access("view")}
        self.assertProblem(request(self.hub.url + "/v1/nodes/join-tokens", headers=view), 403, "ADAOS-A002")
        self.assertEqual(self.uses(token), 0)

    def test_the_leaf_is_the_servers_own_work(self):
        token = self.mint(max_uses=1)
        done = self.join(self.body("leaf", token["token"]))
        self.assertEqual(done.status, 201, done.body)
        answer = done.json()
        text = openssl("x509", "-noout", "-text", stdin=answer["cert_pem"].encode())
        self.assertIn("CN = node-leaf", text)
        for name in ("DNS:node-leaf.agents.otherix.local", "DNS:localhost", "IP Address:127.0.0.1", "DNS:leaf.example.org",
                     f"URI:spiffe://{self.hub.subnet}.adaos/{self.hub.subnet}/{answer['node_id']}"):
            self.assertIn(name, text)
        self.assertNotIn("bank.example", text)
        for words in ("TLS Web Server Authentication, TLS Web Client Authentication", "Digital Signature, Key Encipherment", "CA:FALSE"):
            self.assertIn(words, text)
        self.assertEqual(answer["ca_cert_pem"], pathlib.Path(self.root.ca).read_text())
        self.assertEqual((answer["subnet_id"], answer["grant_id"], answer["replayed"]), (self.hub.subnet, token["id"], False))
        shown = self.node("leaf").json()
        self.assertEqual((shown["id"], shown["status"], shown["architecture"], shown["advertised_endpoint"]),
                         (answer["node_id"], "pending", "amd64", "https://leaf.example.org:9443"))
        self.assertEqual((shown["migration_host"], shown["migration_port_range_end"]), ("10.0.0.1", 49251))
        rows = self.manage(f"/{token['id']}/consumptions").json()["data"]
        self.assertEqual([(r["join_token_id"], r["consumed_by_node_id"], r["source_ip"]) for r in rows],
                         [(token["id"], answer["node_id"], "127.0.0.1")])
        self.assertProblem(self.manage(f"/{token['id']}", "DELETE"), 409, "ADAOS-J025")

    def test_a_dead_token_and_an_unknown_one_get_the_same_answer(self):
        spent, revoked = self.mint(max_uses=1), self.mint(max_uses=1)
        self.assertEqual(self.join(self.body("spender", spent["token"])).status, 201)
        self.manage(f"/{revoked['id']}", "DELETE")
        code = self.hub.join_code()["code"]
        texts = set()
        for secret in (spent["token"], revoked["token"], "otx_join_" + "A" * 43, "adaos_host_" + "A" * 43, code):
            answer = self.join(self.body("late", secret))
            self.assertProblem(answer, 401, "ADAOS-J017")
            texts.add(answer.body)
        self.assertEqual(len(texts), 1)
        self.assertEqual(self.node("late").status, 404)

    def test_a_refused_request_names_its_field_and_spends_nothing(self):
        token = self.mint(max_uses=1, intended_node_name="right")
        wrong = self.join(self.body("wrong", token["token"]))
        self.assertEqual((wrong.status, wrong.json()["details"]["field"]), (400, "node_name"))
        for field, value in (("node_name", "Bad_Name"), ("architecture", "mips"), ("advertised_endpoint", "http://a"),
                             ("advertised_endpoint", "https://"), ("advertised_endpoint", "word"), ("migration_port_range_start", 80),
                             ("migration_port_range_end", 1024), ("migration_host", ""), ("csr_pem", "")):
            answer = self.join(self.body("right", token["token"], **{field: value}))
            self.assertEqual((answer.status, answer.json()["details"]["field"]), (400, field), answer.body)
        self.assertProblem(self.join(self.body("right", token["token"], csr_pem="no csr")), 400, "ADAOS-J014")
        host = os.uname().nodename
        taken = self.join(self.body("right", token["token"], advertised_endpoint=f"https://{host}"))
        self.assertEqual((taken.status, taken.json()["details"]["field"]), (400, "advertised_endpoint"))
        self.assertEqual(self.uses(token), 0)
        self.assertEqual(self.join(self.body("right", token["token"])).status, 201)

    def test_a_taken_name_is_a_conflict_unless_the_token_is_for_it(self):
        self.assertEqual(self.join(self.body("held", self.mint(max_uses=1)["token"])).status, 201)
        (self.world.folder / "csr" / "held.key").unlink()
        fleet = self.mint(max_uses=1)
        answer = self.join(self.body("held", fleet["token"]))
        self.assertProblem(answer, 409, "ADAOS-J023")
        self.assertEqual(answer.json()["details"]["field"], "node_name")
        self.assertEqual(self.uses(fleet), 0)
        before = self.node("held").json()["id"]
        own = self.mint(max_uses=1, intended_node_name="held")
        over = self.join(self.body("held", own["token"], advertised_endpoint="https://new.example.org"))
        self.assertEqual((over.status, over.json()["node_id"]), (201, before))
        self.assertEqual(self.node("held").json()["advertised_endpoint"], "https://new.example.org")

    def test_a_token_is_never_taken_over_plain_http_from_elsewhere_or_over_a_link(self):
        body = self.body("plain", self.mint(max_uses=1)["token"])
        relayed = post_json(self.root.url + f"/hubs/{self.hub.subnet}/v1/nodes/join", body, ca=self.root.ca)
        self.assertProblem(relayed, 403, "ADAOS-J007")
        self.assertProblem(post_json(self.root.url + f"/hubs/{self.hub.subnet}/v1/enrol", body, ca=self.root.ca), 403, "ADAOS-J007")

    def test_every_kind_of_secret_enrols_at_the_canonical_door(self):
        body = self.body("canon", "")
        del body["token"]
        token = self.mint(max_uses=1)
        done = self.join({**body, "secret": token["token"]}, "/v1/enrol")
        self.assertEqual((done.status, done.json()["kind"]), (201, "node"), done.body)
        spent = self.join({**self.body("canon2", ""), "secret": token["token"]}, "/v1/enrol")
        self.assertProblem(spent, 409, "ADAOS-J019")
        self.assertProblem(self.join({**body, "secret": "otx_join_" + "A" * 43}, "/v1/enrol"), 401, "ADAOS-J016")
        code = self.hub.join_code()["code"]
        member = {"secret": code.lower(), "csr_pem": body["csr_pem"], "node_id": UNKNOWN[:-1] + "7", "hostname": "pi"}
        done = self.join(member, "/v1/enrol")
        self.assertEqual((done.status, done.json()["kind"], done.json()["node_name"]), (201, "member", "pi"), done.body)
        self.assertEqual(done.json()["hub_url"], f"{self.root.url}/hubs/{self.hub.subnet}")

    def test_the_hub_has_the_same_doors_for_its_own_tokens(self):
        made = self.hub.cli("node", "join-token", "create", "--local", "--max-uses", "1", "--json").json()
        cas = self.hub.get("/v1/ca").json()["cas"]
        self.assertEqual(cas[0]["fingerprint_sha256"], "sha256:" + made["ca_fingerprint_sha256"])
        agent = self.agent("at-hub")
        url = self.hub.url.replace("http:", "https:")
        done = agent.bootstrap(url, made["ca_fingerprint_sha256"], "--token", made["token"])
        self.assertEqual(done.code, 0, done.err)
        agent.start(wait=False)
        until("the hub has heard the agent", lambda: self.hub.get("/v1/nodes/at-hub").json()["status"] == "ready")
        agent.stop()


    def test_a_hub_without_a_root_is_a_control_plane_too(self):
        solo = self.world.node("solo").start()
        made = solo.cli("node", "join-token", "create", "--local", "--node-name", "alone", "--json").json()
        agent = self.agent("alone")
        url = solo.url.replace("http:", "https:")
        done = agent.bootstrap(url, made["ca_fingerprint_sha256"], "--token", made["token"])
        self.assertEqual(done.code, 0, done.err)
        agent.start(wait=False)
        until("the hub has heard the agent", lambda: solo.get("/v1/nodes/alone").json()["status"] == "ready")
        agent.stop()
        solo.stop()


class Bootstrap(Base):
    def test_it_enrols_a_node_that_is_pending_and_then_ready(self):
        agent, token = self.enrolled("first", max_uses=1, intended_node_name="first")
        self.assertEqual(self.node("first").json()["status"], "pending")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in agent.certs.iterdir()}
        self.assertEqual(modes, {"agent.key": 0o600, "agent.crt": 0o644, "ca.crt": 0o644})
        self.assertEqual(stat.S_IMODE(agent.certs.stat().st_mode), 0o750)
        self.assertEqual(stat.S_IMODE(agent.config.stat().st_mode), 0o644)
        self.assertEqual((agent.certs / "ca.crt").read_text(), pathlib.Path(self.root.ca).read_text())
        self.assertIn("secp384r1", openssl("pkey", "-in", agent.certs / "agent.key", "-noout", "-text"))
        self.assertTrue((agent.certs / "agent.key").read_text().startswith("-----BEGIN PRIVATE KEY-----"))
        agent.start(wait=False)
        until("the node is ready at Root", lambda: self.node("first").json()["status"] == "ready")
        until("and at its hub", lambda: self.hub.get("/v1/nodes/first").json()["status"] == "ready")
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(self.uses(token), 1)
        for file in self.world.folder.rglob("*"):
            if file.is_file() and not file.name.endswith(".log"):
                self.assertNotIn(token["token"].encode(), file.read_bytes(), file)

    def test_exactly_one_source_of_the_token_and_it_is_trimmed(self):
        token = self.mint(max_uses=1)["token"]
        path = self.world.folder / "token.txt"
        path.write_text("")
        agent = self.agent("sources")
        at = (self.root.url, self.root.pin)
        for words, env, say, code in (((), {}, "--token, --token-path, --token-env or --token-stdin", "ADAOS-N009"),
                                      (("--token", "a", "--token-env", "B"), {"B": "b"}, "--token-env", "ADAOS-N004"),
                                      (("--token-path", path), {}, "empty", "ADAOS-N009"),
                                      (("--token", "  "), {}, "empty", "ADAOS-N009"),
                                      (("--token-env", "NONE"), {}, "NONE", "ADAOS-N009"),
                                      (("--token-path", "/none"), {}, "/none", "ADAOS-N009")):
            done = agent.bootstrap(*at, *words, env=env)
            self.assertFails(done, 2, code)
            self.assertIn(say, done.err)
        self.assertFalse(agent.base.exists())
        path.write_text(f"  {token}\n\n")
        done = agent.bootstrap(self.root.url, self.root.pin.removeprefix("sha256:").upper(), "--token-path", path)
        self.assertEqual(done.code, 0, done.err)
        self.assertTrue(path.exists())
        env = {"OTHERIX_BOOTSTRAP__TOKEN": self.mint(max_uses=1)["token"], "OTHERIX_BOOTSTRAP__CA_FINGERPRINT": self.root.pin}
        command = [BIN / "adaos", "agent", "bootstrap", "--cp-url", self.root.url, "--node-name", "by-env", "--advertised-endpoint",
                   "https://127.0.0.1:9443", "--migration-host", "h", "--cert-dir", self.world.folder / "by-env",
                   "--config-path", self.world.folder / "by-env.yaml"]
        done = self.world.run(command, env={**self.world.env(), **env})
        self.assertEqual(done.code, 0, done.err)

    def test_a_bad_option_is_refused_before_anything_is_sent(self):
        agent = self.agent("options")
        for pin in ("", " ", "sha256:", "a" * 63, "a" * 65, "g" * 64):
            self.assertFails(agent.bootstrap(self.root.url, pin, "--token", "t"), 2, "ADAOS-N005")
        for words in (("--node-name", "Bad_Name"), ("--advertised-endpoint", "http://a"), ("--migration-port-range-start", "80"),
                      ("--migration-port-range-end", "1024"), ("--heartbeat-interval", "0s"), ("--listen", "nowhere")):
            self.assertFails(agent.bootstrap("https://127.0.0.1:1", self.root.pin, "--token", "t", *words), 2, "ADAOS-N005")
        self.assertFails(agent.bootstrap(self.root.url + "/hubs/" + self.hub.subnet, self.root.pin, "--token", "t"), 2, "ADAOS-N005")
        self.assertFails(agent.bootstrap("http://127.0.0.1:1", self.root.pin, "--token", "t"), 2, "ADAOS-N005")
        self.assertFalse(agent.base.exists())

    def test_the_re_run_matrix(self):
        agent, token = self.enrolled("matrix", max_uses=1)
        config = agent.config.read_bytes()
        dead = "https://127.0.0.1:1"
        again = agent.bootstrap(dead, self.root.pin, "--token", token["token"])
        self.assertEqual((again.code, again.out.splitlines()[0]), (0, "already bootstrapped"))
        names = ("agent.key", "agent.crt", "ca.crt")
        kept = {name: (agent.certs / name).read_bytes() for name in names}
        for bits in range(1, 7):  # each partial set
            for i, name in enumerate(names):
                (agent.certs / name).unlink(missing_ok=True)
                if bits >> i & 1:
                    (agent.certs / name).write_bytes(kept[name])
            before = snapshot(agent.base)
            done = agent.bootstrap(dead, self.root.pin, "--token", token["token"])
            self.assertFails(done, 78, "ADAOS-S004")
            for name in names:
                self.assertIn(str(agent.certs / name), done.err)
            self.assertEqual(snapshot(agent.base), before)
        agent.config.write_bytes(config + b"# mine\n")
        for bits in range(8):  # none, all, each partial set
            for i, name in enumerate(names):
                (agent.certs / name).unlink(missing_ok=True)
                if bits >> i & 1:
                    (agent.certs / name).write_bytes(kept[name])
            fresh = self.mint(max_uses=1, intended_node_name="matrix")["token"]
            done = agent.bootstrap(self.root.url, self.root.pin, "--token", fresh, "--force", "--listen", "127.0.0.1:9")
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual(agent.config.read_bytes(), config + b"# mine\n")
            self.assertNotEqual((agent.certs / "agent.crt").read_bytes(), kept["agent.crt"])
        fleet = self.mint(max_uses=5)
        held = (agent.certs / "agent.key").read_bytes()
        old = (agent.certs / "agent.crt").read_bytes()
        done = agent.bootstrap(self.root.url, self.root.pin, "--token", fleet["token"], "--force")
        self.assertEqual(done.code, 0, done.err)  # the name is that key's
        self.assertIn("the key that was here is kept", done.out)
        self.assertEqual((agent.certs / "agent.key").read_bytes(), held)
        self.assertNotEqual((agent.certs / "agent.crt").read_bytes(), old)
        self.assertEqual(self.uses(fleet), 1)
        (agent.certs / "agent.key").unlink()
        unbound = self.mint(max_uses=1)
        done = agent.bootstrap(self.root.url, self.root.pin, "--token", unbound["token"], "--force")
        self.assertFails(done, 41, "ADAOS-J023")
        self.assertEqual(self.uses(unbound), 0)

    def test_a_wrong_pin_stops_it_before_the_token_is_sent(self):
        token = self.mint(max_uses=1)
        agent = self.agent("pinned")
        done = agent.bootstrap(self.root.url, "sha256:" + "0" * 64, "--token", token["token"])
        self.assertFails(done, 20, "ADAOS-T001")
        for words in ("0" * 64, self.root.pin, "mistyped", "between"):
            self.assertIn(words, done.err)
        self.assertFalse(agent.base.exists())
        self.assertEqual(self.uses(token), 0)

    def test_a_man_in_the_middle_never_sees_the_token(self):
        folder = self.world.folder / "mitm"
        folder.mkdir()
        evil, evil_key = make_ca(folder, "evil")
        chain = make_server_chain(folder, evil, evil_key)
        real = pathlib.Path(self.root.ca)
        honest = {"cas": [ca_entry(real)]}
        lists = {"his own": {"cas": [ca_entry(evil)]},
                 "his own beside the real one": {"cas": [ca_entry(real), ca_entry(evil)]},
                 "the real one alone": honest,
                 "one under the other's name": {"cas": [{**ca_entry(evil), "fingerprint_sha256": self.root.pin}]},
                 "none": {"cas": []}, "no list": {}}
        agent, token = self.enrolled("middle", max_uses=5)
        before = snapshot(agent.base)
        fresh = self.agent("middle-fresh")
        for name, value in lists.items():
            with self.subTest(name), control_plane(chain, lambda *_: (200, json.dumps(value))) as (url, seen):
                for one, words in ((agent, ("--force",)), (fresh, ())):
                    done = one.bootstrap(url, self.root.pin, "--token", token["token"], *words)
                    self.assertNotEqual(done.code, 0, done.out)
                self.assertEqual({path for _, path, _ in seen}, {"/v1/ca"})
                self.assertEqual(snapshot(agent.base), before)
                self.assertFalse(fresh.base.exists())
        self.assertEqual(self.uses(token), 1)

    def test_another_agent_cannot_play_the_control_plane(self):
        impostor, _ = self.enrolled("impostor", max_uses=1)
        chain = self.world.folder / "impostor.pem"  # signed by the pinned CA, good for 127.0.0.1
        chain.write_text("".join((impostor.certs / name).read_text() for name in ("agent.key", "agent.crt", "ca.crt")))
        real = {"cas": [ca_entry(pathlib.Path(self.root.ca))]}
        token = self.mint(max_uses=1)
        agent = self.agent("victim")
        with control_plane(chain, lambda *_: (200, json.dumps(real))) as (url, seen):
            done = agent.bootstrap(url, self.root.pin, "--token", token["token"])
        self.assertFails(done, 20, "ADAOS-T002")
        self.assertNotIn("/v1/nodes/join", [path for _, path, _ in seen])
        self.assertFalse(agent.base.exists())
        self.assertEqual(self.uses(token), 0)

    def test_what_a_server_under_the_pinned_ca_answers_is_checked_before_it_is_kept(self):
        folder = self.world.folder / "liar"
        folder.mkdir()
        ca, key = make_ca(folder, "cp")
        other, other_key = make_ca(folder, "other")
        chain = make_server_chain(folder, ca, key)

        def signed(csr: str, by: pathlib.Path, by_key: pathlib.Path) -> str:
            return openssl("x509", "-req", "-CA", by, "-CAkey", by_key, "-CAcreateserial", "-days", "1", stdin=csr.encode())

        def answer(kind):
            def found(method, path, body):
                if path == "/v1/ca":
                    return 200, json.dumps({"cas": [ca_entry(ca)]})
                csr = json.loads(body)["csr_pem"]
                return {"redirect": (307, "", ("Location", "/elsewhere")),
                        "no json": (201, "nonsense"), "no leaf": (201, json.dumps({"node_id": UNKNOWN, "cert_pem": "x", "ca_cert_pem": ca.read_text()})),
                        "another CA": (201, json.dumps({"node_id": UNKNOWN, "cert_pem": signed(csr, other, other_key), "ca_cert_pem": other.read_text()})),
                        "two CAs": (201, json.dumps({"node_id": UNKNOWN, "cert_pem": signed(csr, ca, key), "ca_cert_pem": ca.read_text() + other.read_text()})),
                        "a leaf of another CA": (201, json.dumps({"node_id": UNKNOWN, "cert_pem": signed(csr, other, other_key), "ca_cert_pem": ca.read_text()})),
                        "a leaf of nobody": (201, json.dumps({"node_id": UNKNOWN, "cert_pem": signed(csr, ca, key), "ca_cert_pem": ca.read_text()})),
                        }[kind]
            return found

        for kind in ("redirect", "no json", "no leaf", "another CA", "two CAs", "a leaf of another CA", "a leaf of nobody"):
            with self.subTest(kind), control_plane(chain, answer(kind)) as (url, seen):
                agent = self.agent("liar-" + kind.replace(" ", "-").lower())
                done = agent.bootstrap(url, fingerprint(ca), "--token", "otx_join_" + "A" * 43, "--node-name", "liar")
                self.assertNotEqual(done.code, 0)
                self.assertNotIn("othing was sent", done.err)
                if kind == "another CA":
                    self.assertFails(done, 20, "ADAOS-T001")
                    self.assertIn("the token was sent, but nothing was written", done.err)
                self.assertEqual([path for _, path, _ in seen], ["/v1/ca", "/v1/nodes/join"])
                for name in ("agent.key", "agent.crt", "ca.crt"):
                    self.assertFalse((agent.certs / name).exists(), name)
                self.assertFalse(agent.config.exists())

    def test_the_request_says_what_the_node_is(self):
        folder = self.world.folder / "asked"
        folder.mkdir()
        ca, key = make_ca(folder, "cp")
        chain = make_server_chain(folder, ca, key)
        with control_plane(chain, lambda m, path, b: (200, json.dumps(ca_entry(ca))) if path == "/v1/ca" else (401, "{}")) as (url, seen):
            self.agent("asked").bootstrap(url, fingerprint(ca), "--token", "t", env={"https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})
        body = json.loads(seen[-1][2])
        self.assertEqual({k: v for k, v in body.items() if k not in ("csr_pem", "redeem_id")},
                         {"token": "t", "node_name": "asked", "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine],
                          "advertised_endpoint": "https://127.0.0.1:9443", "migration_host": "127.0.0.1",
                          "migration_port_range_start": 49152, "migration_port_range_end": 49251})
        text = openssl("req", "-noout", "-text", stdin=body["csr_pem"].encode())
        for words in ("CN = node-asked", "DNS:node-asked.agents.otherix.local", "DNS:localhost", "IP Address:127.0.0.1", "secp384r1"):
            self.assertIn(words, text)

    def test_a_lost_answer_is_asked_for_again_by_the_same_command(self):
        token = self.mint(max_uses=1)
        folder = self.world.folder / "lost"
        folder.mkdir()
        # In between, with Root's own keys: it passes the request on and keeps the answer.
        keys = self.root.base / "keys"
        chain = make_server_chain(folder, pathlib.Path(self.root.ca), keys / "root_ca_private.pem")
        kept = []

        def lose(method, path, body):
            if path == "/v1/ca":
                return 200, json.dumps({"cas": [ca_entry(pathlib.Path(self.root.ca))]})
            kept.append(request(self.root.url + path, method, ca=self.root.ca, body=body, headers={"Content-Type": "application/json"}))
            return None

        agent = self.agent("lost")
        with control_plane(chain, lose) as (url, seen):
            done = agent.bootstrap(url, self.root.pin, "--token", token["token"])
            self.assertNotEqual(done.code, 0)
        self.assertEqual((kept[0].status, self.uses(token)), (201, 1))
        self.assertFalse((agent.certs / "agent.crt").exists())
        other = self.agent("lost")
        other.base = self.world.folder / "agent-lost-elsewhere"  # another key, another attempt: spent is spent
        late = other.bootstrap(self.root.url, self.root.pin, "--token", token["token"])
        self.assertFails(late, 10, "ADAOS-J017")
        self.assertEqual(late.err.count("the join token was not accepted"), 1, late.err)
        # The same command: the journal is for this address, so it is asked through the same one.
        with control_plane(chain, lambda m, p, b: (lambda a: (a.status, a.body.decode()))(
                request(self.root.url + p, m, ca=self.root.ca, body=b or None, headers={"Content-Type": "application/json"}))) as (url2, _):
            journal = agent.certs / ".bootstrap" / "attempt.json"
            journal.write_text(journal.read_text().replace(url, url2))
            done = agent.bootstrap(url2, self.root.pin, "--token", token["token"])
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual((agent.certs / "agent.crt").read_text(), kept[0].json()["cert_pem"])
        self.assertEqual(self.uses(token), 1)
        # Once the node was heard, even the same attempt is over.
        agent.config.write_text(agent.config.read_text().replace(url2, self.root.url))
        agent.start(wait=False)
        until("the node is ready", lambda: self.node("lost").json()["status"] == "ready")
        agent.stop()
        replay = request(self.root.url + "/v1/nodes/join", "POST", ca=self.root.ca, body=seen[-1][2], headers={"Content-Type": "application/json"})
        self.assertProblem(replay, 401, "ADAOS-J017")

    def test_a_set_that_a_crash_left_staged_is_finished_and_never_mixed(self):
        agent, _ = self.enrolled("crash", max_uses=1)
        token = self.mint(max_uses=1, intended_node_name="crash")["token"]
        old = {p.name: p.read_bytes() for p in agent.certs.iterdir()}
        self.assertEqual(agent.bootstrap(self.root.url, self.root.pin, "--token", token, "--force").code, 0)
        new = {p.name: p.read_bytes() for p in agent.certs.iterdir()}
        for moved in range(4):  # it died after that many files had moved
            staged = agent.certs / ".staged"
            staged.mkdir(mode=0o700)
            for i, name in enumerate(("agent.key", "agent.crt", "ca.crt")):
                (agent.certs / name).write_bytes((new if i < moved else old)[name])
                if i >= moved:
                    (staged / name).write_bytes(new[name])
                    (staged / name).chmod(0o600 if name == "agent.key" else 0o644)
            done = agent.bootstrap("https://127.0.0.1:1", self.root.pin, "--token", "t")
            self.assertEqual((done.code, done.out.splitlines()[0]), (0, "already bootstrapped"))
            self.assertEqual({p.name: p.read_bytes() for p in agent.certs.iterdir()}, new)

    def test_killed_at_any_moment_it_leaves_the_old_set_or_the_new_one_and_no_short_file(self):
        agent, _ = self.enrolled("killed", max_uses=1)
        names = ("agent.key", "agent.crt", "ca.crt")
        done, torn = threading.Event(), []

        def read():
            while not done.is_set():
                for name in names:
                    with contextlib.suppress(FileNotFoundError):
                        text = (agent.certs / name).read_text()
                        if not (text.startswith("-----BEGIN ") and text.endswith("-----\n")):
                            torn.append((name, text))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for _ in range(harness.rounds(12, 200)):
                token = self.mint(max_uses=1, intended_node_name="killed")["token"]
                command = [BIN / "adaos", "agent", "bootstrap", "--cp-url", self.root.url, "--ca-fingerprint", self.root.pin,
                           "--node-name", "killed", "--advertised-endpoint", "https://127.0.0.1:9443", "--migration-host", "h",
                           "--cert-dir", agent.certs, "--config-path", agent.config, "--force"]
                process = subprocess.Popen([str(w) for w in command], env={**self.world.env(), "OTHERIX_BOOTSTRAP__TOKEN": token},
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(random.uniform(0, 0.1 * harness.SLOW))
                process.kill()
                process.wait()
                settled = agent.bootstrap("https://127.0.0.1:1", self.root.pin, "--token", "t")
                self.assertEqual((settled.code, settled.out.splitlines()[0]), (0, "already bootstrapped"), settled.err)
                pair = [openssl("x509", "-in", agent.certs / "agent.crt", "-noout", "-pubkey"),
                        openssl("pkey", "-in", agent.certs / "agent.key", "-pubout")]
                self.assertEqual(*pair)
        finally:
            done.set()
            reader.join()
        self.assertEqual(torn, [])
        final = self.mint(max_uses=1, intended_node_name="killed")["token"]
        self.assertEqual(agent.bootstrap(self.root.url, self.root.pin, "--token", final, "--force").code, 0)
        self.assertEqual({p.name for p in agent.certs.iterdir()}, set(names))

    def test_files_go_to_the_owner_of_the_folder_above_when_root_runs_it(self):
        agent = self.agent("owned")
        agent.certs.parent.mkdir(parents=True)
        as_root = os.geteuid() == 0
        if as_root:
            os.chown(agent.certs.parent, 12345, 12346)
        done = agent.bootstrap(self.root.url, self.root.pin, "--token", self.mint(max_uses=1)["token"])
        self.assertEqual(done.code, 0, done.err)
        owner = (12345, 12346) if as_root else (os.getuid(), os.getgid())
        for path in (agent.certs, *agent.certs.iterdir(), agent.config.parent, agent.config):
            self.assertEqual((path.stat().st_uid, path.stat().st_gid), owner, path)

    def test_a_literal_token_is_warned_of_and_gone_from_the_process_list(self):
        folder = self.world.folder / "argv"
        folder.mkdir()
        ca, key = make_ca(folder, "cp")
        chain = make_server_chain(folder, ca, key)
        secret = "otx_join_" + "S" * 43
        seen_argv = []

        def look(method, path, body):
            for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    words = entry.read_bytes()
                    if b"bootstrap" in words and str(folder.parent / "agent-argv").encode() in words:
                        seen_argv.append(words)
            return 200, json.dumps({"cas": []})

        with control_plane(chain, look) as (url, _):
            done = self.agent("argv").bootstrap(url, fingerprint(ca), "--token", secret)
        self.assertIn("warning: --token: a secret on the command line", done.err)
        self.assertTrue(seen_argv)
        for words in seen_argv:
            self.assertNotIn(secret.encode(), words)


class Serve(Base):
    def test_it_waits_and_serves_without_a_restart_and_never_goes_back(self):
        agent = self.agent("waiting")
        agent.start(wait=False)
        until("it says what is missing", lambda: agent.said("agent.yaml"))
        done = agent.bootstrap(self.root.url, self.root.pin, "--token", self.mint(max_uses=1)["token"])
        self.assertEqual(done.code, 0, done.err)
        serving = until("it serves", lambda: agent.said('"serving"'), seconds=6)
        self.assertEqual(len(agent.said("not ready to serve yet")), 1)
        until("the node is ready", lambda: self.node("waiting").json()["status"] == "ready")
        port = int(serving[0]["listen"].rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=self.root.ca)
        context.load_cert_chain(agent.certs / "agent.crt", agent.certs / "agent.key")
        peer = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
        for path in ("/healthz", "/api/ping"):
            peer.request("GET", path)
            self.assertEqual(json.loads(peer.getresponse().read())["role"], "agent")
        peer.close()
        with self.assertRaises(OSError):  # without a certificate nobody is let in
            request(f"https://127.0.0.1:{port}/healthz", ca=self.root.ca)
        (agent.certs / "agent.key").unlink()
        until("the next heartbeat fails", lambda: agent.said("heartbeat not delivered"))
        self.assertEqual(len(agent.said("not ready to serve yet")), 1)
        with socket_to(port):
            pass  # it still listens
        self.assertEqual(agent.stop(), 0)

    def test_each_broken_file_is_named_once(self):
        agent, _ = self.enrolled("broken", max_uses=1)
        stranger, _ = self.enrolled("stranger", max_uses=1)
        good = {path: path.read_bytes() for path in (agent.config, *agent.certs.iterdir())}
        foreign, _ = make_ca(self.world.folder, "foreign")
        for file, content in ((agent.config, b"listen: [\n"), (agent.config, b"listen: 127.0.0.1:0\n"), (agent.certs / "agent.key", b"junk"),
                              (agent.certs / "agent.crt", b"junk"), (agent.certs / "ca.crt", b"junk"),
                              (agent.certs / "agent.crt", (stranger.certs / "agent.crt").read_bytes()),
                              (agent.certs / "ca.crt", foreign.read_bytes())):
            file.write_bytes(content)
            agent.log.write_text("")
            agent.start(wait=False)
            until(f"{file.name} is named", lambda: agent.said(file.name))
            self.assertFalse(agent.said('"serving"'))
            self.assertEqual(agent.stop(), 0)  # a signal ends it in state A
            for path, data in good.items():
                path.write_bytes(data)
        agent.start(wait=False)
        until("it serves", lambda: agent.said('"serving"'))
        agent.stop()

    def test_serve_is_what_agent_does_without_a_word(self):
        agent, _ = self.enrolled("wordless", max_uses=1)
        agent.command = lambda: [str(BIN / "adaos"), "agent", "--config", str(agent.config)]
        agent.start(wait=False)
        until("the node is ready", lambda: self.node("wordless").json()["status"] == "ready")
        node_id = self.node("wordless").json()["id"]
        for _ in range(harness.rounds(3, 20)):  # one identity, one row, no enrolment
            agent.stop()
            agent.log.write_text("")
            agent.start(wait=False)
            until("it is heard again", lambda: agent.said("has heard this node"))
        agent.stop()
        self.assertEqual(self.node("wordless").json()["id"], node_id)


def socket_to(port: int):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


if __name__ == "__main__":
    harness.main()
