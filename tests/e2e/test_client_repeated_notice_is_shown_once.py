"""The same notice under another number is taken as a repeat: the receipt says so, and it is shown
once."""

from client_house import Session, goes_on, run_client
from house import holds, same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        notice = health.event("call-out")
        for _ in range(2):
            session.publish(*health.sign([health.draft(notice, ["housing"])]))
        _, walked, _ = session.receipt(lambda receipt: receipt.n == 2)
        holds(walked, "the chain")
        same(health.stream_to("housing", kith.LANE_NORMAL).outcomes[2],
             (kith.OUTCOME_REPEAT, 0), "the second number")
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 2,
         "what housing has of health")


run_client(behaviour)
