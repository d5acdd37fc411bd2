"""A header that breaks one of its rules is malformed, however well it is signed: BYE(MALFORMED)."""

from client_house import Session, begins_again, run_client, sealed
from house import same
from kith_client import kith


CHANGES = {
    "version 0": lambda header: setattr(header, "partnership_version", 0),
    "epoch 0": lambda header: setattr(header.id, "epoch", 0),
    "seq 0": lambda header: setattr(header.id, "seq", 0),
    "lane 0": lambda header: setattr(header.id, "lane", 0),
    "lane 3": lambda header: setattr(header.id, "lane", 3),
    "no id": lambda header: header.ClearField("id"),
    "no slots": lambda header: header.ClearField("slots"),
    "recipient's epoch 0": lambda header: setattr(header.slots[0], "epoch", 0),
    "number 0": lambda header: setattr(header.slots[0], "n", 0),
    "wrap cut": lambda header: setattr(header.slots[0], "wrap", bytes(47)),
    "no wrap": lambda header: header.slots[0].ClearField("wrap"),
    "content_digest": lambda header: setattr(header, "content_digest", bytes(31)),
    "key_commitment": lambda header: header.ClearField("key_commitment"),
    "sender_half": lambda header: setattr(header, "sender_half", bytes(33)),
    "nonce": lambda header: setattr(header, "nonce", bytes(23)),
    "salt": lambda header: header.ClearField("salt"),
    "created before 1970": lambda header: setattr(header, "created_ms", -1),
    "a void with content": lambda header: header.void.CopyFrom(
        kith.Void(replaces=bytes(32), reason=kith.REASON_WITHDRAWN)),
    "name too long": lambda header: setattr(header, "clause", "a" * 49),
}
VOID_CHANGES = {
    "replaces": lambda header: setattr(header.void, "replaces", bytes(31)),
    "no reason": lambda header: header.void.ClearField("reason"),
    "clause": lambda header: setattr(header, "clause", "1"),
    "wrap": lambda header: setattr(header.slots[0], "wrap", bytes(48)),
    "two slots": lambda header: header.slots.add(agency="police", epoch=1, n=1),
    "nonce": lambda header: setattr(header, "nonce", bytes(1)),
}


def behaviour(house, health):
    for name, change in CHANGES.items():
        malformed(health, name, sealed(health, change))
    for name, change in VOID_CHANGES.items():
        draft = health.void("housing", 1, replaces=bytes(32))
        change(draft.header)
        malformed(health, f"void: {name}", *health.sign([draft]))
    cut = sealed(health)
    cut.content = cut.content[:-1]
    malformed(health, "content not of a padded size", cut)
    large = sealed(health, lambda header: setattr(header, "nonce", bytes(25 * 1024)))
    malformed(health, "header of 25 KiB", large)
    begins_again(house, health)


def malformed(health, name, envelope):
    with Session(health, "hub-a") as session:
        session.hello()
        session.publish(envelope, owed=["housing"])
        same(kith.Reason.Name(session.bye()), "REASON_MALFORMED", name)


run_client(behaviour)
