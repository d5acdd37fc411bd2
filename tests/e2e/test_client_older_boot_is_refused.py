"""A HELLO of an older boot, or of a dial that was seen already, is answered BYE(OLD_SESSION), while
the newer session lives and after it has ended."""

from client_house import Session, ended, goes_on, run_client
from kith_client import kith


def behaviour(house, health):
    health.boot = 5
    with Session(health, "hub-a") as session:
        session.hello(dial=7)
        old_is_refused(health)
        goes_on(session)
    old_is_refused(health)
    with Session(health, "hub-a") as session:
        session.hello(dial=8)
        goes_on(session)


def old_is_refused(health):
    for old in ({"boot": 4, "dial": 100, "instance": bytes(16)}, {"boot": 5, "dial": 7},
                {"boot": 5, "dial": 6}):
        with Session(health, "hub-a") as late:
            late.say_hello(**old)
            ended(late, kith.REASON_OLD_SESSION)


run_client(behaviour)
