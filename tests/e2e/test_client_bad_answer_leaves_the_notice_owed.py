"""A recipient that answers TAKEN with a bad reason ends the broker's copy, not the debt; tokens
that were never handed out to it are ignored."""

from client_house import Session, goes_on, run_client, subscribe
from house import same
from kith_client import kith, packet


def behaviour(house, health, care):
    with Session(health, "hub-a") as session, Session(care, "hub-a") as other:
        session.hello()
        other.hello()
        subscribe(session, "police", "arrest")
        notice = house.publish_one("police", 1, topic="arrest")
        deliver = session.deliver("police")
        other.send(packet(taken=kith.Taken(tokens=[deliver.token, 0, 99999])))
        goes_on(other)
        session.send(packet(taken=kith.Taken(tokens=[deliver.token + 50, 0])))
        goes_on(session)
    with Session(health, "hub-a") as session:
        session.hello()
        again = session.deliver("police")
        same(again.envelope.header, deliver.envelope.header, "the copy is still there")
        session.send(packet(taken=kith.Taken(tokens=[again.token], bad=kith.REASON_MALFORMED)))
        goes_on(session)
    with Session(health, "hub-a") as session:
        session.hello()
        goes_on(session)
        same("deliver" in dict(session.unread), False, "the broker has it no more")
        same(house.states("police", notice)["health"], "at the hub", "what police says")
        session.send(*filter(None, health.take(deliver)))  # it had it after all
        house.settle("police")


run_client(behaviour, clients=("health", "social-care"), numbers=[1])
