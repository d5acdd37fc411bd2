"""An envelope of another epoch of its origin, or for another epoch of its recipient, is refused;
HELLO with another epoch is answered BYE."""

from client_house import Session, begins_again, ended, goes_on, refused, run_client, sealed
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        for change in (lambda header: setattr(header.id, "epoch", 2),
                       lambda header: setattr(header.slots[0], "epoch", 2)):
            refused(session, kith.REASON_WRONG_EPOCH, sealed(health, change))
        goes_on(session)
    with Session(health, "hub-a") as session:
        session.say_hello(epoch=2)
        ended(session, kith.REASON_WRONG_EPOCH)
    begins_again(house, health)


run_client(behaviour)
