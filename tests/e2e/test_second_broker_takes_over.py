"""When the first broker stops answering (SIGSTOP) the second carries on, and goes on when it is
killed; what waited in the first arrives all the same."""

import signal

from house import run, same


def behaviour(house):
    house.open()
    house.publish("police", house.event(1))
    house.settle("police")
    house.ended.add("hub-a")
    house["hub-a"].signal(signal.SIGSTOP)
    house.publish("police", house.event(2), house.event(3))
    house.settle("police")
    same(house.numbers("housing"), [1, 2, 3], "with the first broker stopped")
    house["hub-a"].kill()
    house.publish("police", house.event(4))
    house.settle("police")
    same(house.numbers("housing"), [1, 2, 3, 4], "with the first broker killed")


run(behaviour, brokers=("hub-a", "hub-b"), settings='resend = { urgent = "1s"; normal = "1s"; };')
