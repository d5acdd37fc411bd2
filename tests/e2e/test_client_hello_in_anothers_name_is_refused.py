"""HELLO in the name of another agency, or of one that nobody knows, is answered BYE(NOT_YOUR_NAME);
the agency that it named is not touched."""

from client_house import Session, begins_again, ended, run_client
from kith_client import kith


def behaviour(house, health):
    for name in ("police", "nobody"):
        with Session(health, "hub-a") as session:
            session.say_hello(agency=name, boot=1000)
            ended(session, kith.REASON_NOT_YOUR_NAME)
    begins_again(house, health)


run_client(behaviour)
