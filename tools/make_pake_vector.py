#!/usr/bin/env python3
"""Makes tests/vectors/pake_join.json: one run of the PAKE join door, computed without adaos' code.
Needs python3-cryptography (AES-GCM). Written from docs/protocol/join.md; run by hand."""
import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def minus(point):
    return point[0], P - point[1]


def from_compressed(text):
    raw = bytes.fromhex(text)
    x = int.from_bytes(raw[1:], "big")
    y = pow(x**3 - 3 * x + B, (P + 1) // 4, P)
    return x, y if y % 2 == raw[0] % 2 else P - y


M = from_compressed("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f")
N = from_compressed("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49")


def octets(point):
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def parts(*items):
    return b"".join(len(item).to_bytes(8, "little") + item for item in items)


def mac(key, text):
    return hmac.new(key, text, "sha256").digest()


def hkdf(key, info, size):
    secret, out, block, i = mac(bytes(32), key), b"", b"", 1
    while len(out) < size:
        block = mac(secret, block + info + bytes([i]))
        out, i = out + block, i + 1
    return out[:size]


def scalars(wide):
    return int.from_bytes(wide[:40], "big") % ORDER, int.from_bytes(wide[40:], "big") % ORDER


def b64(raw):
    return base64.b64encode(raw).decode()


def body(**members):
    return json.dumps(members, separators=(",", ":"))


def drawn(label, size):
    return hashlib.sha256(label.encode()).digest()[:size]


code, authority, n = "ABCDEFGH", "sn_0000000a", 16384
mac_key = bytes(range(32))
slot, secret = code[:2].encode(), code[2:].encode()
order, outcome = '{"hostname":"kitchen"}', '{"certificate_pem":"..."}'
nonce_m, x = drawn("nM", 32), drawn("x", 32)
sid, nonce_h, y = drawn("sid", 16), drawn("nH", 32), drawn("y", 32)

salt = mac(mac_key, parts(b"adaos-join-salt-v1", slot))[:16]
stretched = hashlib.scrypt(parts(secret, slot), salt=salt, n=n, r=8, p=1, maxmem=2**28, dklen=80)
w0, w1 = scalars(stretched)
L = times(w1, G)
blob = bytes([1, 14, 8, 1]) + salt + w0.to_bytes(32, "big") + octets(L)
fake_label = b"adaos-join-fake-v1"
fake_w0, fake_w1 = scalars(hkdf(mac(mac_key, parts(fake_label, slot)), fake_label, 80))
fake = bytes([1, 15, 8, 1]) + salt + fake_w0.to_bytes(32, "big") + octets(times(fake_w1, G))

suite = "P256-SHA256-HKDF-SHA256-HMAC-SHA256"
request = body(v=1, slot=slot.decode(), nM=b64(nonce_m), suites=[suite])
answer = body(sid=b64(sid), nH=b64(nonce_h), authority_id=authority, salt=b64(salt),
              kdf={"name": "scrypt", "n": n, "r": 8, "p": 1}, suite=suite)
opening = hashlib.sha256(parts(request.encode(), answer.encode())).digest()
context = b"adaos-join-v1" + opening

scalar_x, scalar_y = int.from_bytes(x, "big"), int.from_bytes(y, "big")
assert 0 < scalar_x < ORDER and 0 < scalar_y < ORDER
share_p = add(times(scalar_x, G), times(w0, M))
share_v = add(times(scalar_y, G), times(w0, N))
bare = add(share_v, minus(times(w0, N)))
z, v = times(scalar_x, bare), times(w1, bare)
assert z == times(scalar_y, add(share_p, minus(times(w0, M)))) and v == times(scalar_y, L)
transcript = parts(context, b"member", authority.encode(), octets(M), octets(N), octets(share_p), octets(share_v),
                   octets(z), octets(v), w0.to_bytes(32, "big"))
main = hashlib.sha256(transcript).digest()
confirm_keys = hkdf(main, b"ConfirmationKeys", 64)
shared = hkdf(main, b"SharedKey", 32)
confirm_p = mac(confirm_keys[:32], octets(share_v))
confirm_v = mac(confirm_keys[32:], octets(share_p))


def seal(info, direction, text):
    key = hkdf(shared, b"adaos-join-v1 " + info, 32)
    return AESGCM(key).encrypt(bytes(12), text.encode(), sid + bytes([direction]) + opening)


print(json.dumps({
    "description": "One run of the PAKE join door (docs/protocol/join.md), made by tools/make_pake_vector.py. Hex, but for "
                   "texts and the bodies, which are as sent. Drawn: by the member nM, x; by the authority sid, nH, y.",
    "code": code, "mac_key": mac_key.hex(), "authority_id": authority, "n": n,
    "member_random": (nonce_m + x).hex(), "authority_random": (sid + nonce_h + y).hex(),
    "salt": salt.hex(), "stretched": stretched.hex(), "verifier": blob.hex(), "fake_verifier": fake.hex(),
    "params_request": request, "params_answer": answer, "opening": opening.hex(), "shared_key": shared.hex(),
    "share": body(sid=b64(sid), shareP=b64(octets(share_p))),
    "share_answer": body(shareV=b64(octets(share_v)), confirmV=b64(confirm_v)),
    "order": order,
    "finish": body(sid=b64(sid), confirmP=b64(confirm_p), box1=b64(seal(b"member to authority", 1, order))),
    "outcome": outcome,
    "finish_answer": body(box2=b64(seal(b"authority to member", 2, outcome))),
}, indent=2))
