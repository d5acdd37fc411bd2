"""F9: the power of a process is cut under load, at a change of its disk chosen by chance; one time
in six, of all of them at once. Of what was not synced a chance part survives: pages, parts of
pages, changes of names (kithlose.c). The process is gone with the power, or has met the dead disk
first. Nothing that a client was told is taken back."""

from disks import LosingHouse
from trial import EACH, Violation, main, need

CHANGES = 60   # of the disk, at most, until its power is cut
GRANTS = 20    # of load, until the power of one that has no work is cut all the same
ALL = 1 / 6    # of the strikes
SEEDS = 1 << 62
KILLED, DISK_FAILED, FILE_GONE = -9, 74, 70


def until_dark(trial, struck, name):
    """More and more load until the cut has come."""
    load, disk = trial.load, trial.house.disks[name]
    disk.tell_end(load.more)
    for _ in range(GRANTS):
        if not disk.on:
            return
        load.grant(EACH)
        with load.more:
            load.more.wait_for(lambda: not disk.on or load.known >= load.granted, 0.5)
        see_others(trial, struck)
    disk.cut()


def see_others(trial, struck):
    """Nobody ends whose disk is well."""
    for one in trial.names:
        ended = not trial.house[one].running
        if ended and (one not in struck or trial.house.disks[one].on):
            try:
                trial.see_running(one)
            except Violation:
                if one not in struck or trial.house.disks[one].on:
                    raise


def gone(trial, name):
    """The process ends with the power, if it has not ended by itself because of it."""
    trial.house.kill(name)
    status = trial.house[name].process.returncode
    if status not in (KILLED, DISK_FAILED, FILE_GONE):
        raise Violation(f"{name} ended with {status} when its disk was gone")
    trial.history("kill", node=name)


def power_again(trial, name):
    disk = trial.house.disks[name]
    disk.cut()
    disk.begin()
    trial.restart(name)


def fault(trial):
    house, chance = trial.house, trial.chance
    for _ in range(trial.count):
        name = chance.choice(trial.names)
        struck = trial.names if chance.random() < ALL else [name]
        for one in struck:
            house.disks[one].cut_at(1 << 60, chance.randrange(1, SEEDS))
        house.disks[name].cut_at(chance.randint(1, CHANGES), chance.randrange(1, SEEDS))
        until_dark(trial, struck, name)
        for one in struck:
            gone(trial, one)
        for one in struck:
            power_again(trial, one)


need("fuse")
main("F9", fault, 15, house=LosingHouse)
