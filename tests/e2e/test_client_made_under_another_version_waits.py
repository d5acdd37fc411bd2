"""An envelope made under an older partnership file than the broker's is STALE, one under a newer
file is LATER(BROKER_BEHIND), and what follows it in its stream is HELD; sealed anew, it goes."""

from client_house import Session, goes_on, run_client, sealed
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        newer = sealed(health, lambda header: setattr(header, "partnership_version", 3), n=1)
        session.publish(newer, sealed(health, n=2))
        later = session.wait("later")
        same((later.recipient, later.reason), ("housing", kith.REASON_BROKER_BEHIND), "LATER")
        same(session.wait("later").reason, kith.REASON_HELD, "what follows it")
    with Session(health, "hub-a") as session:
        session.hello()
        older = sealed(health, lambda header: setattr(header, "partnership_version", 1), n=1)
        session.publish(older)
        stale = session.wait("stale")
        same((stale.partnership_version, list(stale.recipients), stale.id.seq),
             (2, ["housing"], kith.Header.FromString(older.header).id.seq), "STALE")
        goes_on(session)


def second_version(house):
    house.version = 2


run_client(behaviour, prepare=second_version)
