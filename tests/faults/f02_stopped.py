"""F2: a process chosen by chance is stopped (SIGSTOP), and goes on seconds later in a partnership
that has gone on without it. What it says then is older than what others know, and must undo
nothing. KITH_STOP_MAX_S: the longest stop; 120 in the campaign."""

import os
import signal

from trial import main

STOP_MAX_S = float(os.environ.get("KITH_STOP_MAX_S", 3))


def fault(trial):
    for _ in range(trial.count):
        name = trial.chance.choice(trial.names)
        process = trial.house[name]
        trial.see_running(name)
        process.signal(signal.SIGSTOP)
        trial.struck("stop", node=name)
        trial.some_load(held_up=1)
        trial.stays(name, trial.chance.uniform(0.3, STOP_MAX_S))
        process.signal(signal.SIGCONT)
        trial.struck("continue", node=name)
        trial.some_load(held_up=1)


main("F2", fault, 5)
