"""A name in `owed` that the envelope has no slot for is refused as MALFORMED for that name, and one
that comes twice counts once; an empty list, one too long, and what is no name end the session."""

from client_house import Session, begins_again, ended, goes_on, refused, run_client, sealed
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        refused(session, kith.REASON_MALFORMED, sealed(health), owed=["police"])
        session.publish(health.envelope("call-out", "housing"), owed=["housing", "housing"])
        same(list(session.wait("accepted").recipients), ["housing"], "accepted for")
        goes_on(session)
    for owed in ([], [f"agency-{n}" for n in range(65)], ["Housing"], [""]):
        with Session(health, "hub-a") as session:
            session.hello()
            session.publish(sealed(health), owed=owed)
            ended(session, kith.REASON_MALFORMED)
    begins_again(house, health)


run_client(behaviour)
