"""What was accepted and is forbidden before it was handed over is refused out of the origin's
mailbox, signed, with a token; it is not delivered."""

from client_house import Session, refused, run_client, sealed
from house import holds, same
from kith_client import kith, packet


def behaviour(house, health, care):
    with Session(health, "hub-a") as session:
        session.hello()
        session.publish(health.envelope("call-out", "social-care"))
        session.wait("accepted")
        house.body = house.body.replace('from = [ "*" ]',
                                        'from = [ "police", "housing", "social-care" ]')
        house.version = 2
        house.write_partnership()
        house.reload("hub-a")
        with Session(care, "hub-a") as other:
            other.hello()
            late = session.wait("refused")
            holds(late.token, "it comes out of the mailbox")
            refusal = health.read_refusal(late, "hub-a")
            same((refusal.recipient, kith.Reason.Name(refusal.reason)),
                 ("social-care", "REASON_TOPIC_NOT_ALLOWED"), "the refusal")
            session.send(packet(taken=kith.Taken(tokens=[late.token])))
            same("deliver" in dict(other.unread), False, "what came to the recipient")
    with Session(health, "hub-a") as session:
        session.hello()
        health.partnership.version = 2
        judged = sealed(health, to=("social-care",))
        refused(session, kith.REASON_TOPIC_NOT_ALLOWED, judged)
    house.reload("police", "housing")


run_client(behaviour, clients=("health", "social-care"))
