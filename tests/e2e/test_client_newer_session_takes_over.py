"""A newer dial, and a newer boot, of the same agency take over from its live session, which gets
BYE(OLD_SESSION); what was not TAKEN comes again."""

from client_house import Session, ended, goes_on, run_client, subscribe
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as first, Session(health, "hub-a") as second, \
            Session(health, "hub-a") as third:
        first.hello()
        subscribe(first, "police", "arrest")
        house.publish("police", house.event(1, topic="arrest"))
        first.deliver("police")
        second.hello()
        ended(first, kith.REASON_OLD_SESSION)
        second.deliver("police")
        health.boot, health.instance = 2, bytes(16)
        third.hello(dial=1)
        ended(second, kith.REASON_OLD_SESSION)
        third.take("police")
        house.settle("police")
        goes_on(third)


run_client(behaviour, numbers=[1])
