"""A store is made only by --init: without one, broker and agent end with 78 and say what to do."""

from house import holds, run, same


def behaviour(house):
    for name in ("hub-a", "police"):
        ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True)
        same(ran.returncode, 78, f"{name} without a store")
        holds("--init" in ran.stderr, f"{name} says how a store is made")
        holds(not (house.folder / "store" / name).exists(), f"{name} made no store by itself")


run(behaviour)
