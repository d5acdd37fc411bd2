"""An envelope of an exercise does not enter a partnership of real life."""

from client_house import Session, goes_on, refused, run_client, sealed
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        mixed = sealed(health, lambda header: setattr(header, "exercise", True))
        refused(session, kith.REASON_EXERCISE_MIXED, mixed)
        goes_on(session)


run_client(behaviour)
