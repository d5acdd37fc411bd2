"""Two envelopes under one number: the first stands, and the receipt shows its header, signed by who
sent both."""

from client_house import Session, goes_on, run_client, sealed
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        first = health.envelope("call-out", "housing")
        session.publish(first)
        session.receipt(lambda receipt: receipt.n == 1)
        other = sealed(health, n=1)
        session.publish(other)
        _, _, carried = session.receipt(lambda receipt: receipt.n == 1)
        same(carried.shown_header, first.header, "the header that was taken")
        shown = kith.Envelope(header=carried.shown_header, proof=carried.shown_proof,
                              content=first.content)
        same(health.verify(shown).id.seq, 1, "whose signature it bears")
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 2,
         "what housing has of health")


run_client(behaviour)
