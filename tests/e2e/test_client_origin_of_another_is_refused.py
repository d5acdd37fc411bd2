"""An envelope in the name of another agency is refused: with the client's own signature, whose key
is not that agency's, and as a true copy of what that agency signed."""

from client_house import Session, goes_on, refused, run_client, sealed
from kith_client import kith


def behaviour(house, health, care):
    theirs = sealed(care)
    with Session(health, "hub-a") as session:
        session.hello()
        forged = sealed(health, lambda header: setattr(header.id, "origin", "social-care"))
        refused(session, kith.REASON_UNKNOWN_KEY, forged)
        nobody = sealed(health, lambda header: setattr(header.id, "origin", "nobody"))
        refused(session, kith.REASON_NOT_YOUR_NAME, nobody)
        refused(session, kith.REASON_NOT_YOUR_NAME, theirs)
        goes_on(session)


run_client(behaviour, clients=("health", "social-care"))
