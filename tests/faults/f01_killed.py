"""F1: a process chosen by chance is killed with -9 under load and started again at once, often
while it is still starting. Of the brokers' kills some take the whole store with them, as a dead
disk does. Nothing that a client was told is taken back."""

from trial import main

STORE_LOST = 0.25  # of the kills of a broker


def fault(trial):
    for _ in range(trial.count):
        trial.some_load()
        name = trial.chance.choice(trial.names)
        trial.kill(name)
        if name in trial.house.broker_ids and trial.chance.random() < STORE_LOST:
            trial.lose(name)
        trial.restart(name)


main("F1", fault, 40)
