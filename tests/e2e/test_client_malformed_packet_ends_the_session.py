"""Bytes that are no packet, of every shape in tests/fixtures/wire, end the session with
BYE(MALFORMED), on the outside of a packet and inside one."""

from pathlib import Path

from client_house import Session, begins_again, run_client
from house import holds, same
from kith_client import kith


TABLE = Path(__file__).resolve().parents[1] / "fixtures" / "wire" / "malformed_protobuf.tsv"
ROWS = [line.split("\t")[:2] for line in TABLE.read_text().splitlines()[1:]]
SHAPES = [bytes.fromhex(shape) for shape, verdict in ROWS if verdict == "reject"]


def inside_taken(shape):
    return b"\x4a" + bytes([len(shape)]) + shape


def behaviour(house, health):
    holds(len(SHAPES) > 10, "the table has shapes to reject")
    for shape in SHAPES:
        for packet in (shape, inside_taken(shape)):
            with Session(health, "hub-a") as session:
                session.hello()
                session.send(packet)
                same(session.bye(), kith.REASON_MALFORMED, packet.hex())
    begins_again(house, health)


run_client(behaviour)
