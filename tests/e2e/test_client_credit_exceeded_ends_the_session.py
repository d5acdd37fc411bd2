"""Who publishes more than was granted gets BYE(CREDIT_EXCEEDED); up to the grant nothing is
lost."""

from client_house import Session, begins_again, ended, run_client
from house import holds, same
from kith_client import kith, packet


def behaviour(house, health, care):
    with Session(health, "hub-a") as session:
        granted = {one.lane: one for one in session.hello().credit}
        urgent = granted[kith.LANE_URGENT]
        same((urgent.messages, urgent.bytes), (64, 1 << 20), "the first grant")
        envelopes = [health.envelope("concern", "social-care") for _ in range(65)]
        pile = [packet(publish=kith.Publish(envelope=one, owed=["social-care"]))
                for one in envelopes]
        session.send(*pile)
        ended(session, kith.REASON_CREDIT_EXCEEDED)
    begins_again(house, health)
    with Session(health, "hub-a") as session, Session(care, "hub-a") as other:
        session.hello()
        session.send(*pile[:64])
        for _ in range(64):
            session.wait("accepted")
        session.wait("credit", lambda said: session.granted[kith.LANE_URGENT][0] > 64)
        session.send(pile[64])
        session.wait("accepted")
        other.hello()
        for _ in range(65):
            other.take("health")
        _, walked, _ = session.receipt(lambda receipt: receipt.n == 65)
        holds(walked, "all arrived in order")


run_client(behaviour, clients=("health", "social-care"))
