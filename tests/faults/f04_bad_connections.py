"""F4, connections: bytes come late, in small pieces, flipped or not at all; connections are closed,
reset, or dead at one end only."""

from proxy import ProxyHouse
from trial import main

KINDS = ("late", "pieces", "flipped", "stalled")
ENDS = ("cut", "reset", "half_open")
LONGEST_S = 2.5  # beyond the time after which a silent session is given up (1 s here)


def fault(trial):
    proxy = trial.house.proxy
    for _ in range(trial.count):
        kind = trial.chance.choice(KINDS + ENDS)
        trial.struck(kind)
        if kind in KINDS:
            proxy.kind = kind
            trial.some_load()
            trial.stays(trial.names[0], trial.chance.uniform(0, LONGEST_S))
        else:
            proxy.strike(kind, share=trial.chance.uniform(0.2, 1))
        trial.some_load()
        proxy.kind = "whole"
        trial.look()
    trial.must_have_broken()


main("F4", fault, 8, house=ProxyHouse)
