"""The same envelope published again, also in a new session, is accepted again and shown once; each
repeat draws a receipt that begins before its number."""

from client_house import Session, goes_on, run_client
from house import same


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        first, second = (health.envelope("call-out", "housing") for _ in range(2))
        session.publish(first, second)
        session.receipt(lambda receipt: receipt.n == 2)
        session.publish(first)
        again, walked, _ = session.receipt(lambda receipt: getattr(receipt, "from") == 0)
        same((again.n, walked), (2, True), "the receipt of a repeat")
    with Session(health, "hub-a") as session:
        session.hello()
        session.publish(second)
        again, walked, _ = session.receipt(lambda receipt: getattr(receipt, "from") == 1)
        same((again.n, walked), (2, True), "the receipt of a repeat in a new session")
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 3,
         "what housing has of health")


run_client(behaviour)
