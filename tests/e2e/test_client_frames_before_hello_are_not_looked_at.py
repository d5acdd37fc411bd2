"""Whatever comes before HELLO is answered BYE(HELLO_FIRST): nothing of it is done."""

from client_house import Session, begins_again, ended, run_client, sealed
from house import holds, same
from kith_client import kith, packet


def behaviour(house, health):
    before = sealed(health)
    credit = kith.Credit(credit=[kith.LaneCredit(lane=kith.LANE_NORMAL, messages=9, bytes=9)])
    said = ({"publish": kith.Publish(envelope=before, owed=["housing"])},
            {"credit": credit}, {"taken": kith.Taken(tokens=[1])},
            {"receipt": kith.ReceiptPacket(origin="police")}, {"bye": kith.Bye()},
            {"welcome": kith.Welcome()})
    for one in said:
        with Session(health, "hub-a") as session:
            holds(session.connection.stands() is True, "the handshake")
            session.send(packet(**one))
            ended(session, kith.REASON_HELLO_FIRST)
    begins_again(house, health)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 1,
         "what housing has of health")


run_client(behaviour)
