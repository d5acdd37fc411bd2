"""Envelopes of several sizes, recipients and lanes under one signature are each checked by
themselves: an odd number of leaves, and 64 of them."""

from client_house import Session, goes_on, run_client
from house import holds, same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        for count in (3, 64):
            drafts = [draft(health, number) for number in range(count)]
            session.publish(*health.sign(drafts))
        for recipient, lane in (("housing", kith.LANE_NORMAL), ("police", kith.LANE_NORMAL),
                                ("housing", kith.LANE_URGENT)):
            stream = health.stream_to(recipient, lane)
            while stream.receipted < stream.last:
                _, walked, _ = session.receipt()
                holds(walked, "the chain")
            same(set(stream.outcomes.values()), {(kith.OUTCOME_DELIVERED, 0)}, recipient)
        goes_on(session)


def draft(health, number):
    topic = "concern" if number % 4 == 3 else "call-out"
    size = (10, 2000, 10000, 60000)[number % 3 + (number == 7)]
    event = health.event(topic, "CANARY-7f3a " + "x" * size)
    return health.draft(event, ["housing"] if topic == "concern" else ["housing", "police"])


run_client(behaviour)
