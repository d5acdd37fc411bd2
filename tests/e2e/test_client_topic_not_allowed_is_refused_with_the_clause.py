"""What the agreement does not let an agency send is refused by the broker, which names the clause
that would be needed where there is one."""

from client_house import Session, goes_on, refused, run_client, sealed
from house import same
from kith_client import kith


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        private = refused(session, kith.REASON_TOPIC_NOT_ALLOWED, sealed(health, topic="private"))
        same(private.clause, "", "no clause allows a class that none names")
        other = refused(session, kith.REASON_TOPIC_NOT_ALLOWED, sealed(health, clause="2"))
        same(other.clause, "1", "the clause that would allow it")
        refused(session, kith.REASON_UNKNOWN_CLAUSE, sealed(health, clause="9.9"))
        goes_on(session)


def second_clause(house):
    house.body = house.body.replace("clauses = (", """clauses = (
        { id = "2"; classes = [ "safeguarding" ]; from = [ "*" ]; to = [ "*" ]; },""")


run_client(behaviour, prepare=second_clause)
