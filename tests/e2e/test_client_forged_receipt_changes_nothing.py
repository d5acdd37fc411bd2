"""A receipt that its origin cannot verify, or whose chain does not fit what was sent, is no
evidence: the notice stays owed until the true receipt comes."""

from client_house import Session, goes_on, run_client, subscribe
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        subscribe(session, "police", "arrest")
        notice = house.publish_one("police", 1, topic="arrest")
        taken, said = health.take(session.deliver("police"))
        true = kith.Receipt.FromString(kith.Packet.FromString(said).receipt.receipt.statement)
        session.send(health.receipt_packet(true, seed=bytes(32)))
        for change in (lambda receipt: setattr(receipt, "chain", bytes(32)),
                       lambda receipt: setattr(receipt, "n", 99),
                       lambda receipt: setattr(receipt.stream, "origin_epoch", 2),
                       lambda receipt: receipt.exceptions.add(n=1, outcome=kith.OUTCOME_REPEAT),
                       lambda receipt: setattr(receipt, "signing_key", "0" * 16)):
            lie = kith.Receipt()
            lie.CopyFrom(true)
            change(lie)
            session.send(health.receipt_packet(lie))
        goes_on(session)
        house["police"].wait_line(" alarm what=receipt", since=0, times=5)  # an old epoch is none
        same(house.states("police", notice)["health"], "at the hub", "before the true receipt")
        session.send(taken, said)
        house.settle("police")
        same(house.states("police", notice)["health"], "delivered", "after it")


run_client(behaviour, numbers=[1])
