"""A recipient that is not in the partnership file, or has left it, is refused; the other recipients
of the same envelope get their copy."""

from client_house import Session, goes_on, refused, run_client, sealed
from house import holds, same
from kith_client import kith


def behaviour(house, health, _):
    with Session(health, "hub-a") as session:
        session.hello()
        stranger = sealed(health, lambda header: setattr(header.slots[0], "agency", "nobody"))
        refused(session, kith.REASON_UNKNOWN_RECIPIENT, stranger)
        refused(session, kith.REASON_REMOVED, sealed(health, to=("early-help",)))
        draft = health.draft(health.event("call-out"), ["housing"])
        draft.header.slots.add().CopyFrom(draft.header.slots[0])
        draft.header.slots[1].agency = "nobody"
        session.publish(*health.sign([draft]))
        same(session.refusal().recipient, "nobody", "refused for")
        _, walked, _ = session.receipt(lambda receipt: receipt.n == 1)
        holds(walked, "housing has its copy")
        goes_on(session)


def one_left(house):
    house.extra["early-help"] = "left = true;"


run_client(behaviour, clients=("health", "early-help"), prepare=one_left)
