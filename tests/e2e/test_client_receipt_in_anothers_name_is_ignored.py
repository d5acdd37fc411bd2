"""A receipt that speaks for another agency, for another stream than its packet says, or to an
origin that nobody knows never reaches its origin; the broker raises the alarm and the session
lives."""

from client_house import Session, goes_on, run_client, subscribe
from house import same
from kith_client import RECEIPT, Taken, kith, packet


def behaviour(house, health, care):
    care.taken[("police", 1, kith.LANE_NORMAL)] = Taken()
    good = kith.ReceiptPacket()
    with Session(health, "hub-a") as session:
        session.hello()
        subscribe(session, "police", "arrest")
        notice = house.publish_one("police", 1, topic="arrest")
        deliver = session.deliver("police")
        taken, said = health.take(deliver)
        good.CopyFrom(kith.Packet.FromString(said).receipt)
        statement = kith.Receipt.FromString(good.receipt.statement)
        lies = (("recipient", "housing"), ("origin", "nobody"), ("origin", "social-care"),
                ("lane", kith.LANE_URGENT))
        for number, (name, value) in enumerate(lies, 1):
            lie = kith.Receipt()
            lie.CopyFrom(statement)
            setattr(lie.stream, name, value)
            carried = kith.ReceiptPacket(receipt=health.signed(lie, RECEIPT), origin="police",
                                         lane=kith.LANE_NORMAL)
            session.send(packet(receipt=carried))
            house["hub-a"].wait_line(" alarm", since=0, times=number)
        same(house.states("police", notice)["health"], "at the hub", "before the true receipt")
        session.send(taken, packet(receipt=good))
        house.settle("police")
        same(house.states("police", notice)["health"], "delivered", "after it")
        goes_on(session)


run_client(behaviour, clients=("health", "social-care"), numbers=[1])
