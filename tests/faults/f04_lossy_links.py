"""F4, links: packets are lost by chance, one in a hundred to one in three, or a link is so narrow
that it is always full. Needs `netns`."""

from nets import NetHouse
from trial import main

LONGEST_S = 2.5
RATES = ("64kbit", "256kbit", "1mbit")


def fault(trial):
    net = trial.house.net
    for _ in range(trial.count):
        name = trial.chance.choice(trial.names)
        if trial.chance.random() < 0.5:
            percent = trial.chance.randint(1, 30)
            trial.struck("loss", node=name, percent=percent)
            net.lossy([(name, other) for other in trial.names if other != name], percent)
        else:
            rate = trial.chance.choice(RATES)
            trial.struck("narrow", node=name, rate=rate)
            net.narrow(name, rate)
        trial.some_load()
        trial.stays(name, trial.chance.uniform(0, LONGEST_S))
        trial.some_load()
        net.heal()
        trial.look()


main("F4", fault, 5, house=NetHouse)
