"""A peer with a key that the partnership file does not name never gets through the handshake; the
members go on. The door counts and logs it, by the key's name alone."""

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

from house import WAIT_S, run, same

FAILED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
ATTEMPTS = 2  # the broker says no by silence, since its file may be behind: the peer tries again


def handshakes(house):
    """How the first attempts ended."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.curve_publickey, dealer.curve_secretkey = zmq.curve_keypair()
    dealer.curve_serverkey = z85.encode(bytes.fromhex(house.public["hub-a"]["transport"]))
    monitor = dealer.get_monitor_socket(FAILED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    dealer.connect(house.endpoint("hub-a"))
    events = []
    while len(events) < ATTEMPTS and monitor.poll(WAIT_S * 1000):
        events.append(recv_monitor_message(monitor)["event"])
    dealer.disable_monitor()
    monitor.close(linger=0)
    dealer.close(linger=0)
    context.term()
    return events


def behaviour(house):
    house.open()
    events = handshakes(house)
    same([event & FAILED != 0 for event in events], [True] * ATTEMPTS, "every handshake fails")
    house["hub-a"].wait_line(" not-admitted key=")
    house.publish("police", house.event(1))
    house.settle("police")
    same(house.numbers("housing"), [1], "the members go on")


run(behaviour)
