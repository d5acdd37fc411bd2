"""An alert is raised in one browser, answered in another, and the board shows it by itself."""

from page_house import drive, page_web, run_web

from house import CANARY


def behaviour(house):
    house.open()
    webs = [page_web(house, agency) for agency in ("police", "housing")]
    family = house.household("police", team=("police", "housing"))
    drive("alert.mjs", webs, {}, family=family, canary=CANARY)


run_web(behaviour)
