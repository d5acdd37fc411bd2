"""A HELLO of another protocol, without a boot, with an instance that is not 16 bytes, or with what
is no name is answered BYE(MALFORMED)."""

from client_house import Session, begins_again, ended, run_client
from kith_client import kith


WRONG = ({"protocol": 0}, {"protocol": 2}, {"boot": 0}, {"instance": b""}, {"instance": bytes(15)},
         {"instance": bytes(17)})


def behaviour(house, health):
    for fields in WRONG:
        with Session(health, "hub-a") as session:
            session.say_hello(**fields)
            ended(session, kith.REASON_MALFORMED)
    begins_again(house, health)


run_client(behaviour)
