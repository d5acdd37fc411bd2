"""An agency that is written from the protocol's text alone sends an event to a real agent, which
shows it and answers with a receipt."""

import uuid

from client_house import Session, run_client
from house import CANARY, same
from kith_client import kith


def behaviour(house, health):
    watch = house.watch("housing")
    with Session(health, "hub-a") as session:
        welcome = session.hello()
        notice = health.event("call-out", f"{CANARY} event 1")
        session.publish(*health.sign([health.draft(notice, ["housing"])]))
        accepted = session.wait("accepted")
        same(list(accepted.recipients), ["housing"], "accepted for")
        same(accepted.store_epoch, welcome.store_epoch, "the store that has it")
        receipt, walked, _ = session.receipt()
        same((receipt.n, walked), (1, True), "the receipt and its chain")
        same(health.stream_to("housing", kith.LANE_NORMAL).outcomes,
             {1: (kith.OUTCOME_DELIVERED, 0)}, "the outcome")
    entry = watch.wait("the event", lambda one: one["origin"] == "health")
    same(entry["id"], str(uuid.UUID(bytes=notice.id)), "the notice in housing's feed")


run_client(behaviour)
