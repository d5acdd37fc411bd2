"""A message beyond 320 KiB ends the connection without a word, or is answered BYE(MALFORMED) where
it just fits ZeroMQ's bound; the largest frame goes through."""

from client_house import Session, SessionOver, begins_again, ended, goes_on, run_client
from house import holds
from kith_client import FRAME_SIZE_MAX, frame, kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        session.connection.send(filled(FRAME_SIZE_MAX))
        goes_on(session)
        session.connection.send(filled(FRAME_SIZE_MAX + 1))
        ended(session, kith.REASON_MALFORMED)
    for size in (FRAME_SIZE_MAX + 1024, 16 * FRAME_SIZE_MAX):
        with Session(health, "hub-a") as session:
            session.hello()
            session.connection.send(filled(size))
            try:
                session.bye()
            except SessionOver as over:
                holds(over.reason is None, "the connection just ended")
            else:
                raise AssertionError("a frame too large was read")
    begins_again(house, health)


def filled(size):
    """A frame of this size: CREDIT packets with a field that nobody knows."""
    left, packets = size - 4, []
    while left:
        part = min(left, 60000)
        part = part if left - part == 0 or left - part > 100 else part - 100
        packets.append(credit(part - 4))
        left -= part
    return frame(*packets)


def credit(size):
    """One packet of so many bytes: CREDIT, and field 1000 in it."""
    head = b"\x5a" + varint3(size - 4)
    return head + b"\xc2\x3e" + varint3(size - 9) + bytes(size - 9)


def varint3(value):
    return bytes([value & 0x7f | 0x80, value >> 7 & 0x7f | 0x80, value >> 14])


run_client(behaviour)
