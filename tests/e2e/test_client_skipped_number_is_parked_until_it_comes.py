"""A number beyond a gap is parked: the receipt names the gap, nothing is shown; when the missing
number comes, both are taken in their order."""

from client_house import Session, run_client, goes_on
from house import same


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        envelopes = [health.envelope("call-out", "housing") for _ in range(4)]
        session.publish(envelopes[3], envelopes[1])
        receipt, walked, _ = session.receipt(lambda receipt: receipt.highest_parked == 4)
        same((receipt.n, receipt.chain, walked), (0, b"", True), "the receipt of a gap")
        session.publish(envelopes[0])
        receipt, walked, _ = session.receipt(lambda receipt: receipt.n == 2)
        same((receipt.highest_parked, walked), (4, True), "the receipt of the next gap")
        same(shown(house), 2, "what housing shows")
        session.publish(envelopes[2])
        receipt, walked, _ = session.receipt(lambda receipt: receipt.n == 4)
        same((receipt.highest_parked, walked), (0, True), "the receipt of all")
        goes_on(session)
    same(shown(house), 5, "what housing shows")


def shown(house):
    return len([one for one in house.feed("housing") if one["origin"] == "health"])


run_client(behaviour)
