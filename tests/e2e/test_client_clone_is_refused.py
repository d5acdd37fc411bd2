"""A second process with the same boot and another instance is a clone: BYE(CLONE), an alarm, and
the first one goes on."""

from client_house import Session, ended, goes_on, run_client
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        with Session(health, "hub-a") as clone:
            clone.say_hello(instance=bytes(16), dial=1)
            ended(clone, kith.REASON_CLONE)
        with Session(health, "hub-a") as clone:
            clone.say_hello(instance=bytes(16), dial=99)
            ended(clone, kith.REASON_CLONE)
        house["hub-a"].wait_line("clone")
        goes_on(session)


run_client(behaviour)
