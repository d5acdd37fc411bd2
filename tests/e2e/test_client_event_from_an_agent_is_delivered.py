"""A real agent sends an event to a subscriber that is written from the protocol's text alone; its
receipt makes the agent say delivered."""

from client_house import Session, run_client, subscribe
from house import CANARY, same


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        subscribe(session, "police", "arrest")
        notice = house.publish_one("police", 1, topic="arrest")
        session.take("police")
        (taken,) = health.applied.values()
        same(taken.event.narrative, f"{CANARY} event 1", "what was opened")
        house.settle("police")
        same(house.states("police", notice)["health"], "delivered", "what police says")


run_client(behaviour, numbers=[1])
