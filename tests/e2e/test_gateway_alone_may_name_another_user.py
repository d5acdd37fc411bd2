"""A request may name another user only when it comes from a uid that is listed as a gateway."""

import os

from house import run, same

OTHER = '{ uid = 4000000000L; name = "night"; role = "night officer"; }'


def ask(house, user):
    return house.try_kith("police", "status", "--on-behalf-of", user).returncode


def behaviour(house):
    path = house.config("police")
    text = path.read_text().replace("users = ( ", f"users = ( {OTHER}, ")
    path.write_text(text)
    house.open("police")
    same(ask(house, "night"), 77, "from one who is no gateway")
    house.stop("police")
    path.write_text(f"{text}gateways = [ {os.getuid()} ];\n")
    house.restart("police")
    same(ask(house, "night"), 0, "from a gateway")
    same(ask(house, "nobody"), 77, "a user that the configuration does not name")


run(behaviour)
