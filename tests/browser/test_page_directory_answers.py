"""What an agency says of itself is found by another, who is warned that a service is full, and
refers to it all the same."""

from page_house import drive, page_web, run_web


def behaviour(house):
    house.body += 'directory = { stale_after = "30d"; };\n'
    house.write_partnership()
    house.open()
    webs = [page_web(house, agency) for agency in ("police", "housing")]
    house.household("police", team=("police", "housing"))
    drive("directory.mjs", webs, {"settle": house.settle})


run_web(behaviour)
