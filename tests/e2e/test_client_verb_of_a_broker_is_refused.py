"""A packet that only a broker may send, one without a verb, and a second HELLO end the session."""

from client_house import Session, begins_again, ended, run_client
from kith_client import kith, packet


VERBS = ({"welcome": kith.Welcome()}, {"accepted": kith.Accepted()}, {"refused": kith.Refused()},
         {"later": kith.Later()}, {"stale": kith.Stale()}, {"deliver": kith.Deliver()},
         {"presence": kith.Presence()})


def behaviour(house, health):
    for verb in VERBS:
        with Session(health, "hub-a") as session:
            session.hello()
            session.send(packet(**verb))
            ended(session, kith.REASON_MALFORMED)
    for unknown in (b"\x98\x01\x01", b"\xfa\x01\x00"):
        with Session(health, "hub-a") as session:
            session.hello()
            session.send(unknown)
            ended(session, kith.REASON_MALFORMED)
    begins_again(house, health)


run_client(behaviour)
