"""A local account that the agent's configuration does not name gets nothing but a refusal."""

import os

from house import holds, run, same


def behaviour(house):
    path = house.config("police")
    path.write_text(path.read_text().replace(f"uid = {os.getuid()}", f"uid = {os.getuid() + 1}"))
    house.open()
    for arguments in (("status",), ("feed",), ("household", "list")):
        ran = house.try_kith("police", *arguments)
        same(ran.returncode, 77, f"kith {arguments[0]}")
        holds(not ran.stdout, "and nothing is shown")


run(behaviour)
