"""A number that was refused is closed by its void, so the stream goes on; a void that comes after
its number was delivered is a repeat."""

from client_house import Session, goes_on, refused, run_client
from house import holds, same
from kith_client import LEAF, digest, kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        private = health.envelope("private", "housing")
        refused(session, kith.REASON_TOPIC_NOT_ALLOWED, private)
        session.publish(health.envelope("call-out", "housing"))
        session.receipt(lambda receipt: receipt.highest_parked == 2)
        draft = health.void("housing", 1, reason=kith.REASON_TOPIC_NOT_ALLOWED)
        (void,) = health.sign([draft])
        session.publish(void)
        stream = health.stream_to("housing", kith.LANE_NORMAL)
        stream.digests[1] = digest(LEAF, void.header)
        _, walked, _ = session.receipt(lambda receipt: receipt.n == 2)
        holds(walked, "the chain with the void's digest")
        same(stream.outcomes, {1: (kith.OUTCOME_VOIDED, kith.REASON_TOPIC_NOT_ALLOWED),
                               2: (kith.OUTCOME_DELIVERED, 0)}, "outcomes")
        session.publish(*health.sign([health.void("housing", 2)]))
        receipt, walked, carried = session.receipt(lambda one: getattr(one, "from") == 1)
        same((receipt.n, walked, carried.shown_header), (2, True, b""), "the void came too late")
        goes_on(session)


run_client(behaviour)
