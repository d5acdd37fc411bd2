"""A session that says nothing for the broker's liveness gets BYE(SILENT); one whose heartbeats
repeat the same numbers stays."""

from client_house import Session, ended, goes_on, run_client
from kith_client import kith


def behaviour(house, health, care):
    with Session(health, "hub-a") as silent, Session(care, "hub-a") as session:
        silent.hello()
        silent.beat_s = None
        session.hello()
        session.wait("presence", lambda said: said.agency == "health" and not said.connected)
        ended(silent, kith.REASON_SILENT)
        goes_on(session)


run_client(behaviour, clients=("health", "social-care"), liveness="2s")
