"""An envelope of another partnership is refused; HELLO of another partnership is answered BYE."""

from client_house import Session, begins_again, ended, goes_on, refused, run_client, sealed
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        other = sealed(health, lambda header: setattr(header, "partnership", "othertown"))
        refused(session, kith.REASON_WRONG_PARTNERSHIP, other)
        goes_on(session)
    with Session(health, "hub-a") as session:
        session.say_hello(partnership="othertown")
        ended(session, kith.REASON_WRONG_PARTNERSHIP)
    begins_again(house, health)


run_client(behaviour)
