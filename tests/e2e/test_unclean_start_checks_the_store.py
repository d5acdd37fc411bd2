"""After kill -9 the next start compares the whole store and says so. When the file was damaged it
does not start, and says which table and what to do; nor when reading it crashes. A start that was
cut off is simply begun again."""

from house import CANARY, holds, run, same

PROGRAMS = ("hub-a", "police")
COUNT = 20
PAGE = 4096  # the first two say where all else is
WRITTEN = {"hub-a": b"hub-a", "police": CANARY.encode()}  # what is found in each store's rows


def killed_and_started(house, name):
    house.kill(name)
    house.restart(name)
    said = house[name].wait_line(" ready")
    holds(" unclean-start rows=" in said, f"{name} says that it was checked: {said}")
    house[name].wait_line(" store-read rows=")
    house.stop(name)
    house.restart(name)
    said = house[name].wait_line(" ready")
    holds(" unclean-start" not in said, f"{name} is not checked after a clean end")


def damage(house, name):
    """One bit of every copy of a text in the file; the bytes as they were."""
    path = house.folder / "store" / name / "data.mdb"
    whole = path.read_bytes()
    holds(WRITTEN[name] in whole, f"{name} has written to {path}")
    flipped = bytes([WRITTEN[name][0] ^ 1]) + WRITTEN[name][1:]
    path.write_bytes(whole.replace(WRITTEN[name], flipped))
    return path, whole


def start_fails(house, name, *words):
    ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True)
    same(ran.returncode, 70, f"the start of {name} with a damaged store")
    for word in words:
        holds(word in ran.stderr, f"{name} says `{word}`: {ran.stderr}")
    same(ran.stderr.count("\n"), 1, f"{name} says it in one line: {ran.stderr}")


def behaviour(house):
    house.open()
    house.publish("police", *[house.event(number) for number in range(COUNT)])
    house.settle("police")
    for name in PROGRAMS:
        killed_and_started(house, name)
    for name, remedy in zip(PROGRAMS, ("--init", "epoch")):
        house.kill(name)
        path, whole = damage(house, name)
        start_fails(house, name, "table", remedy)
        path.write_bytes(whole)
        path.write_bytes(whole[:2 * PAGE] + bytes(len(whole) - 2 * PAGE))
        start_fails(house, name, "damaged", remedy)
        path.write_bytes(whole)
        house.restart(name)
    house.publish("police", house.event(COUNT))
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT + 1)), "each once, in order")


run(behaviour)
