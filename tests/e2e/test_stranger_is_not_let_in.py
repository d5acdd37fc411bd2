"""A peer with a key that the partnership file does not name fails the handshake; the members go
on."""

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

from house import WAIT_S, run, same


def refusal(house):
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.curve_publickey, dealer.curve_secretkey = zmq.curve_keypair()
    dealer.curve_serverkey = z85.encode(bytes.fromhex(house.public["hub-a"]["transport"]))
    monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH
                                        | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    dealer.connect(house.endpoint("hub-a"))
    monitor.poll(WAIT_S * 1000)
    said = recv_monitor_message(monitor)
    dealer.disable_monitor()
    dealer.close(linger=0)
    context.term()
    return said["event"], said["value"]


def behaviour(house):
    house.open()
    event, code = refusal(house)
    same(event, zmq.EVENT_HANDSHAKE_FAILED_AUTH, "the handshake")
    same(code // 100, 4, "the answer of the door")
    house.publish("police", house.event(1))
    house.settle("police")
    same(house.numbers("housing"), [1], "the members go on")


run(behaviour)
