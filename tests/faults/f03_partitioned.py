"""F3: the network is cut between some of the processes: between two groups, in one direction only,
on and off again, or between a broker and everybody. Needs `netns`."""

from nets import NetHouse
from trial import main

LONGEST_S = 2.5  # beyond the time after which a silent session is given up (1 s here)


def pairs(some, others, both=True):
    there = [(one, other) for one in some for other in others if one != other]
    return there + [(other, one) for one, other in there] if both else there


def groups(trial):
    """Everybody, in two groups by chance; each has somebody."""
    names = trial.chance.sample(trial.names, len(trial.names))
    at = trial.chance.randint(1, len(names) - 1)
    return names[:at], names[at:]


def full(trial):
    trial.house.net.cut(pairs(*groups(trial)))
    lasts(trial)


def one_way(trial):
    trial.house.net.cut(pairs(*groups(trial), both=False))
    lasts(trial)


def flapping(trial):
    cut = pairs(*groups(trial))
    for _ in range(5):
        trial.house.net.cut(cut)
        trial.some_load()
        trial.house.net.heal()
        trial.some_load()


def broker_only(trial):
    """At least until an agent has given its session up."""
    broker = trial.chance.choice(trial.house.broker_ids)
    trial.house.net.cut(pairs([broker], trial.names))
    trial.some_load()
    trial.house.until("a link is down", trial.links_broken)


KINDS = (full, one_way, flapping, broker_only)


def lasts(trial):
    trial.some_load()
    trial.stays(trial.names[0], trial.chance.uniform(0, LONGEST_S))


def fault(trial):
    for strike in range(trial.count):
        kind = trial.chance.choice(KINDS) if strike else broker_only
        trial.struck(kind.__name__)
        kind(trial)
        trial.house.net.heal()
        trial.some_load()
        trial.look()


main("F3", fault, 6, house=NetHouse)
