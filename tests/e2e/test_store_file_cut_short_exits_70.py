"""A store whose file was cut short does not start, and says so: no crash, no signal, no loop."""

from house import holds, run, same


def behaviour(house):
    house.open()
    house.publish("police", *[house.event(number) for number in range(50)])
    house.settle("police")
    for name in ("police", "hub-a"):
        house.stop(name)
        path = house.folder / "store" / name / "data.mdb"
        whole = path.read_bytes()
        for left in (20000, 4 * 4096, 4096, 100):
            path.write_bytes(whole[:left])
            ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True)
            same(ran.returncode, 70, f"{name} with {left} bytes of {len(whole)}: {ran.stderr}")
            holds("store" in ran.stderr, f"{name} says what it is about: {ran.stderr}")
            for mark in path.parent.glob("state.*"):
                mark.unlink()
        path.write_bytes(whole)
        house.restart(name)
    house.publish("police", house.event(50))
    house.settle("police")


run(behaviour)
