"""An HTTP origin for the relay's tests: it records what it was sent, byte for byte, and answers as the path says."""
import hashlib
import json
import os
import socket
import threading


def read_head(stream) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


class Origin:
    """Serves on a loopback port, or on a socket file. `seen` are the requests: (head, body)."""

    def __init__(self, path: str | None = None):
        self.seen: list[tuple[str, bytes]] = []
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if path:
            self.listener.bind(path)
        else:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.target = f"unix:{path}" if path else f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket):
        stream = connection.makefile("rb")
        try:
            while head := read_head(stream):
                if not self._answer(connection, stream, head.decode("latin-1")):
                    break
        except OSError:
            pass
        finally:
            connection.close()

    @staticmethod
    def fields(head: str) -> dict[str, str]:
        pairs = (line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)
        return {name.lower(): value.strip() for name, value in pairs}

    def _body(self, stream, fields: dict[str, str]) -> bytes:
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(stream.readline().split(b";")[0], 16):
                body += stream.read(size)
                stream.readline()
            while stream.readline() not in (b"\r\n", b""):
                pass
            return body
        return stream.read(int(fields.get("content-length", "0")))

    def _answer(self, connection: socket.socket, stream, head: str) -> bool:
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        fields = self.fields(head)
        path = target.split("?")[0]
        if path == "/echo-socket":  # any Upgrade: what comes goes back, an end for an end
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
                               + fields["upgrade"].encode() + b"\r\n\r\nhello")
            while data := stream.read1(65536):
                connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return False
        body = self._body(stream, fields)
        self.seen.append((head, body))
        more = ""
        status = "200 OK"
        if path == "/redirect":
            status, more = "302 Found", "Location: /elsewhere?x=1\r\n"
        elif path == "/cookies":
            more = "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/deep; HttpOnly\r\nSet-Cookie: c=3; Domain=example.org\r\n"
        elif path == "/wide":
            more = 'Clear-Site-Data: "*"\r\nService-Worker-Allowed: /\r\n'
        answer = json.dumps({"method": method, "target": target, "fields": fields, "body_sha256": hashlib.sha256(body).hexdigest(),
                             "body_bytes": len(body), "pid": os.getpid()}).encode()
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}Content-Length: {len(answer)}\r\n\r\n".encode()
                           + (b"" if method == "HEAD" else answer))
        return fields.get("connection", "").lower() != "close"
