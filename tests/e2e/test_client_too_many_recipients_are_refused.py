"""An envelope to more than 64 recipients is refused, and one that names an agency twice; 64 are not
too many for the broker to judge."""

from client_house import Session, begins_again, ended, goes_on, run_client, sealed
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        session.publish(sealed(health, to_agencies(64)), owed=["agency-1"])
        same(session.refusal().reason, kith.REASON_UNKNOWN_RECIPIENT, "64 are judged")
        goes_on(session)
    for change in (to_agencies(65), lambda header: header.slots.add().CopyFrom(header.slots[0])):
        with Session(health, "hub-a") as session:
            session.hello()
            session.publish(sealed(health, change), owed=["housing"])
            ended(session, kith.REASON_MALFORMED)
    begins_again(house, health)


def to_agencies(count):
    """Housing and count - 1 that nobody knows."""
    def change(header):
        for n in range(1, count):
            header.slots.add().CopyFrom(header.slots[0])
            header.slots[n].agency = f"agency-{n}"
    return change


run_client(behaviour)
