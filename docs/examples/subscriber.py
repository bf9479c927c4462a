#!/usr/bin/env python3
"""A complete subscriber in another language, on the plain NATS protocol: Python's standard library and nothing else.

    BROKER=127.0.0.1:4222 SEED=SU… NAME=warehouse TABLE=warehouse.db python3 subscriber.py

It authenticates with its nkey, asks for one event after the other, writes each into its own table together with the mark by
which a second delivery is known, and acknowledges it after the commit. Any NATS client does the first two for you.
"""
import base64, hashlib, json, os, signal, socket, sqlite3, sys, time
from urllib.parse import unquote

BROKER, SEED, NAME, TABLE = (os.environ[key] for key in ("BROKER", "SEED", "NAME", "TABLE"))
INBOX = f"_INBOX_subscriber-{NAME}.1"
NEXT = f"OMS.API.CONSUMER.MSG.NEXT.OMS.{NAME}"

# --- Ed25519 (RFC 8032, section 5.1), as much of it as signing needs -------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point, n = add(point, point), n >> 1
    return total


def packed(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def keys(seed):
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return secret, digest[32:], packed(times(secret, BASE))


def sign(seed, message):
    secret, prefix, public = keys(seed)
    number = lambda *parts: int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER
    once = number(prefix, message)
    first = packed(times(once, BASE))
    return first + ((once + number(first, public, message) * secret) % ORDER).to_bytes(32, "little")


# --- nkeys: base32 of a prefix, the key and a CRC-16 -----------------------------------------------------------------
def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc.to_bytes(2, "little")


def seed_of(text):
    return base64.b32decode(text + "=" * (-len(text) % 8))[2:34]


def user(public):
    key = bytes([20 << 3]) + public
    return base64.b32encode(key + crc16(key)).decode().rstrip("=")


# --- the NATS protocol ------------------------------------------------------------------------------------------------
class Broker:
    def __init__(self):
        host, port = BROKER.removeprefix("nats://").rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.lines = self.socket.makefile("rb")
        info = json.loads(self.lines.readline().removeprefix(b"INFO "))
        seed = seed_of(SEED)
        signature = base64.urlsafe_b64encode(sign(seed, info["nonce"].encode())).decode().rstrip("=")
        self.send("CONNECT " + json.dumps({
            "verbose": False, "pedantic": False, "headers": True, "no_responders": True, "lang": "python", "version": "1",
            "name": f"subscriber-{NAME}", "protocol": 1, "nkey": user(keys(seed)[2]), "sig": signature}))
        self.send(f"SUB {INBOX} 1")

    def send(self, line, payload=None):
        data = line.encode() + b"\r\n" + (payload + b"\r\n" if payload is not None else b"")
        self.socket.sendall(data)

    def publish(self, subject, payload=b"", reply=""):
        self.send(f"PUB {subject} {reply + ' ' if reply else ''}{len(payload)}", payload)

    def message(self):
        """The next message: subject of its acknowledgement, headers (status under ''), payload."""
        while True:
            line = self.lines.readline()
            if not line:
                raise ConnectionError("the broker closed the connection")
            word, _, rest = line.strip().decode().partition(" ")
            if word == "PING":
                self.send("PONG")
            elif word == "-ERR":
                raise ConnectionError(rest)
            elif word in ("MSG", "HMSG"):
                parts = rest.split()
                size, head = int(parts[-1]), int(parts[-2]) if word == "HMSG" else 0
                body = self.lines.read(size + 2)[:-2]
                reply = parts[2] if len(parts) == (5 if head else 4) else ""
                lines = body[:head].decode().split("\r\n")
                headers = dict(one.split(":", 1) for one in lines[1:] if ":" in one)
                headers = {name.strip().lower(): unquote(value.strip()) for name, value in headers.items()}
                headers[""] = lines[0].removeprefix("NATS/1.0").strip() if head else ""
                return reply, headers, body[head:]


# --- the subscriber itself --------------------------------------------------------------------------------------------
table = sqlite3.connect(TABLE, isolation_level=None)
table.execute("pragma journal_mode = wal")
table.execute("""create table if not exists received (
    place integer primary key, source text not null, id text not null, name text not null,
    subject text not null, sequence integer not null, amount integer not null, unique (source, id))""")


def handle(headers, payload):
    """One transaction: the event's own mark, and what follows from it."""
    name, _, version = headers["ce-type"].rpartition(".v")
    if version != "1":
        return print(f"passed over: {headers['ce-type']}", file=sys.stderr)
    data = json.loads(payload)
    amount = {"order.placed": lambda: data["total"], "return.refunded": lambda: -data["amount"]}.get(name, lambda: 0)()
    table.execute("begin immediate")
    (last,) = table.execute("select coalesce(max(sequence), 0) from received where subject = ?", (headers["ce-subject"],)).fetchone()
    sequence = int(headers["ce-sequence"])
    added = table.execute(
        "insert or ignore into received (source, id, name, subject, sequence, amount) values (?, ?, ?, ?, ?, ?)",
        (headers["ce-source"], headers["ce-id"], name, headers["ce-subject"], sequence, amount)).rowcount
    table.execute("commit")
    if added and sequence != last + 1:
        print(f"gap before {headers['ce-subject']} #{sequence}", file=sys.stderr)


def listen():
    broker = Broker()
    print("listening", flush=True)
    while True:
        broker.publish(NEXT, json.dumps({"batch": 1, "expires": 5_000_000_000}).encode(), INBOX)
        acknowledge, headers, payload = broker.message()
        if headers[""].startswith(("404", "408", "409")):
            continue  # Nothing came in five seconds.
        if headers[""].startswith("503"):
            raise ConnectionError("the consumer is not there")
        handle(headers, payload)
        broker.publish(acknowledge, b"+ACK")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    try:
        listen()
    except (OSError, ConnectionError) as reason:
        print(f"trying again: {reason}", file=sys.stderr)
        time.sleep(1)
