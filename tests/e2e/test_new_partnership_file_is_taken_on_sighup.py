"""SIGHUP takes a new partnership file; a bad one is logged with its line and the old one kept."""

from house import holds, run, same


def version(house):
    return house.ask("police", "status")["partnership_version"]


def behaviour(house):
    house.open()
    house.version = 2
    house.write_partnership()
    house.reload("hub-a", "police", "housing")
    same(version(house), 2, "the new file")
    house.version = 3
    house.write_partnership()
    path = house.folder / "partnership.cfg"
    path.write_text(path.read_text().replace("front_door", "back_door"))
    for name in ("hub-a", "police"):
        said = house.reload(name, word="partnership.cfg:")
        holds("partnership.cfg:" in said, f"{name} names the file and line")
    same(version(house), 2, "the old file is kept")
    house.publish("police", house.event(1))
    house.settle("police")


run(behaviour)
