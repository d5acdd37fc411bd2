"""A signature that is not over what was sent, a tree that does not lead to the signed root, and
content that is not what the header names are refused as BAD_SIGNATURE; an unknown key as
UNKNOWN_KEY."""

from client_house import Session, goes_on, refused, run_client, sealed
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        for change in (flip_signature, short_signature, no_signature, other_leaf, longer_path,
                       index_beyond, no_leaves, flip_content):
            envelope = sealed(health)
            change(envelope)
            refused(session, kith.REASON_BAD_SIGNATURE, envelope)
        draft = health.draft(health.event("call-out"), ["housing"], n=1)
        refused(session, kith.REASON_BAD_SIGNATURE, *health.sign([draft], seed=bytes(32)))
        stranger = sealed(health, lambda header: setattr(header, "signing_key", "0" * 16))
        refused(session, kith.REASON_UNKNOWN_KEY, stranger)
        goes_on(session)


def flip_signature(envelope):
    envelope.proof.signature = flipped(envelope.proof.signature)


def short_signature(envelope):
    envelope.proof.signature = envelope.proof.signature[:-1]


def no_signature(envelope):
    envelope.ClearField("proof")


def other_leaf(envelope):
    envelope.proof.count = 2
    envelope.proof.path.append(bytes(32))


def longer_path(envelope):
    envelope.proof.path.append(bytes(32))


def index_beyond(envelope):
    envelope.proof.index = 1


def no_leaves(envelope):
    envelope.proof.count = 0


def flip_content(envelope):
    envelope.content = flipped(envelope.content)


def flipped(value):
    return value[:-1] + bytes([value[-1] ^ 1])


run_client(behaviour)
