"""Peers that speak anything but the protocol at the broker's port: noise, half a greeting, other
mechanisms, handshakes of no sense, sizes that nobody has. None is let in, the broker lives, and the
members are served all the while.

KITH_RAW=10000 tries so many connections (200), KITH_SEED=n others than usual.
"""

import os
import random
import socket
import struct

from house import holds, run, same

COUNT = int(os.environ.get("KITH_RAW", "200"))
SEED = int(os.environ.get("KITH_SEED", "1"))
SERVED_EVERY = max(1, COUNT // 10)
COMMAND, LONG, MORE = 4, 2, 1


def greeting(dice, mechanism=b"CURVE"):
    return b"\xff" + dice.randbytes(8) + b"\x7f\x03\x01" + mechanism.ljust(20, b"\0") + bytes(32)


def zmtp_frame(flags, body, size=None):
    size = len(body) if size is None else size
    if flags & LONG or size > 255:
        return bytes([flags | LONG]) + struct.pack(">Q", size & (1 << 64) - 1) + body
    return bytes([flags, size]) + body


def command(name, body):
    return zmtp_frame(COMMAND, bytes([len(name)]) + name + body)


def hello(dice, size=194):
    """A HELLO of CURVE as long as it must be, with nothing in it that fits."""
    return command(b"HELLO", b"\x01\x00" + dice.randbytes(size - 2))


def changed(dice, data):
    data = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[:dice.randint(1, len(data))] if dice.random() < 0.3 else data)


def raw(dice):
    """What one peer sends."""
    whole = greeting(dice) + hello(dice) + command(b"INITIATE", dice.randbytes(257))
    return dice.choice([
        lambda: dice.randbytes(dice.randint(0, 2000)),
        lambda: greeting(dice)[:dice.randint(1, 63)],
        lambda: greeting(dice, dice.choice([b"NULL", b"PLAIN", b"GSSAPI", b"", b"\xff" * 20])),
        lambda: greeting(dice, b"NULL") + command(b"READY", b"\x0bSocket-Type\0\0\0\6DEALER")
        + zmtp_frame(0, b"let me in"),
        lambda: greeting(dice) + hello(dice, dice.randint(2, 400)),
        lambda: whole,
        lambda: changed(dice, whole),
        lambda: greeting(dice) + zmtp_frame(dice.choice([0, LONG, MORE, COMMAND, 255]), b"x",
                                            dice.choice([0, 1 << 31, 1 << 63, (1 << 64) - 1])),
        lambda: greeting(dice) + command(dice.randbytes(dice.randint(0, 20)), dice.randbytes(64)),
        lambda: greeting(dice) + hello(dice) * dice.randint(2, 50),
    ])()


def connect(dice, address):
    """Says it, and leaves at once, with an RST, or when the broker hangs up."""
    with socket.create_connection(address, timeout=30) as peer:
        how = dice.randrange(3)
        if how == 0:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            peer.sendall(raw(dice))
            if how == 1:
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
        except OSError:  # the broker hung up first
            pass


def behaviour(house):
    house.open()
    dice = random.Random(SEED)
    host, port = house.endpoint("hub-a").removeprefix("tcp://").rsplit(":", 1)
    served = 0
    for number in range(COUNT):
        connect(dice, (host, int(port)))
        if number % SERVED_EVERY == SERVED_EVERY - 1:
            served += 1
            house.publish("police", house.event(served))
    house.settle("police")
    same(house.numbers("housing"), list(range(1, served + 1)), "the members were served")
    holds(house["hub-a"].process.poll() is None, "the broker lives")


run(behaviour)
