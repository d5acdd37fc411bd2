"""Recipients, numbers, the seq or any other part of a header that was changed after signing is
refused, and nothing of it reaches anybody."""

from client_house import Session, goes_on, refused, run_client, sealed
from house import same
from kith_client import kith


CHANGES = (
    lambda header: setattr(header.slots[0], "agency", "police"),
    lambda header: setattr(header.slots[0], "n", 2),
    lambda header: setattr(header.id, "seq", 99),
    lambda header: setattr(header.id, "lane", kith.LANE_URGENT),
    lambda header: setattr(header, "topic_class", "safeguarding"),
    lambda header: setattr(header, "created_ms", header.created_ms + 1),
    lambda header: header.slots.add().CopyFrom(other_slot(header)),
)


def other_slot(header):
    slot = kith.Slot()
    slot.CopyFrom(header.slots[0])
    slot.agency = "police"
    return slot


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        for change in CHANGES:
            envelope = sealed(health)
            header = kith.Header.FromString(envelope.header)
            change(header)
            envelope.header = header.SerializeToString()
            refused(session, kith.REASON_BAD_SIGNATURE, envelope)
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 1,
         "what housing has of health")


run_client(behaviour)
