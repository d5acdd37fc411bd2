"""Who dials with a key that the partnership file does not name, with the broker's wrong key, or
without CURVE is told nothing and gets no session."""

import zmq
from nacl import bindings as sodium
from zmq.utils.monitor import recv_monitor_message

from client_house import Session, begins_again, ended, run_client
from house import holds
from kith_client import kith
from kith_session import ENDED


def behaviour(house, health, care):
    public, secret = sodium.crypto_box_keypair()
    not_let_in(Session(health, "hub-a", secrets=(secret, public)))
    not_let_in(Session(health, "hub-a", server_key=public))
    with Session(health, "hub-a", secrets=(care.secrets.transport, care.me.transport)) as session:
        session.say_hello()
        ended(session, kith.REASON_NOT_YOUR_NAME)
    plain(house)
    begins_again(house, health)


def not_let_in(session):
    with session:
        holds(session.connection.stands() is not True, "the handshake fails")
        holds(not session.connection.socket.poll(0), "nothing was said")


def plain(house):
    """A DEALER of no mechanism at all."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.linger, dealer.reconnect_ivl = 0, -1
    monitor = dealer.get_monitor_socket(ENDED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    dealer.connect(house.endpoint("hub-a"))
    holds(monitor.poll(30000), "the end of the handshake")
    said = recv_monitor_message(monitor)["event"]
    holds(said != zmq.EVENT_HANDSHAKE_SUCCEEDED, "the handshake fails")
    context.destroy(linger=0)


run_client(behaviour, clients=("health", "social-care"))
