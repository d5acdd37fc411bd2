"""Keys that are not those of the partnership file: broker and agent end with 78 and say so."""

from house import holds, run, same


def behaviour(house):
    house.make_keys("other", house.folder / "keys" / "other")
    for name in ("hub-a", "police"):
        house.init(name)
    for name, kind in (("hub-a", "transport"), ("police", "transport"), ("police", "signing"),
                       ("police", "sealing")):
        key = house.folder / "keys" / name / f"{kind}.key"
        right = key.read_text()
        key.write_text((house.folder / "keys" / "other" / key.name).read_text())
        ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True,
                        timeout=10)
        key.write_text(right)
        same(ran.returncode, 78, f"{name} with another {kind} key: {ran.stderr}")
        holds(kind in ran.stderr, f"it says which: {ran.stderr}")


run(behaviour)
