"""Strangers and their tools: keys made with the openssl command, a server that records, a network apart."""
from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import threading


def make_csr(folder: pathlib.Path, name: str) -> str:
    """A P-256 request, made with the openssl command; its PEM."""
    key, csr = folder / f"{name}.key", folder / f"{name}.csr"
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", str(key), "-out", str(csr), "-subj", f"/CN={name}"], check=True, capture_output=True)
    return csr.read_text()


def public_key(pem: str, kind: str) -> str:
    """SubjectPublicKeyInfo PEM of a certificate (`x509`) or a private key (`pkey`)."""
    words = ["openssl", "x509", "-noout", "-pubkey"] if kind == "x509" else ["openssl", "pkey", "-pubout"]
    return subprocess.run(words, input=pem, text=True, check=True, capture_output=True).stdout


class Recorder:
    """A server on loopback (or `host`) that records what is sent to it, below or inside TLS."""

    def __init__(self, folder: pathlib.Path, *, tls: bool, host: str = "127.0.0.1"):
        self.raw = b""
        self.inside = b""
        self.connections = 0
        self.socket = socket.create_server((host, 0))
        self.port = self.socket.getsockname()[1]
        self.context = None
        if tls:
            cert, key = folder / "stranger.pem", folder / "stranger.key"
            if not cert.exists():
                subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=127.0.0.1",
                                "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(5)
            with contextlib.suppress(OSError), connection:
                if self.context:
                    with self.context.wrap_socket(connection, server_side=True) as inside:
                        while data := inside.recv(65536):
                            self.inside += data
                else:
                    while data := connection.recv(65536):
                        self.raw += data

    def close(self):
        self.socket.close()


def private_network(address: str = "10.83.0.1") -> str | None:
    """Moves this process into a network of its own, loopback up, `address` on it too; None when the
    machine does not allow that. Call before any thread starts."""
    new_user, new_net = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(new_net) != 0:
        if libc.unshare(new_user | new_net) != 0:
            return None
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    set_address, set_flags, up_running = 0x8916, 0x8914, 0x41
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, set_flags, struct.pack("16sh22x", b"lo", up_running))
            fcntl.ioctl(control, set_address,
                        struct.pack("16sHH4s16x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address)))
    except OSError:
        return None
    return address
