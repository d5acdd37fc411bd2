"""A recipient that cannot open what a real agent sent says so in its receipt; the agent seals it
anew under the next number, and that is delivered."""

from client_house import Session, run_client, subscribe
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        subscribe(session, "police", "arrest")
        right, health.secrets.sealing = health.secrets.sealing, bytes(31) + b"1"
        notice = house.publish_one("police", 1, topic="arrest")
        session.take("police")
        same(health.applied, {}, "what was opened")
        health.secrets.sealing = right
        session.take("police")
        house.settle("police")
        ((_, stream),) = health.taken.items()
        same([(outcome, reason) for _, outcome, reason, _ in stream.taken.values()],
             [(kith.OUTCOME_QUARANTINED, kith.REASON_CANNOT_OPEN), (kith.OUTCOME_DELIVERED, 0)],
             "the two numbers")
        same(house.states("police", notice)["health"], "delivered", "what police says")


run_client(behaviour, numbers=[1])
