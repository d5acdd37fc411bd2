"""Every page keeps the rules of WCAG 2.2 AA that axe checks, works by keyboard alone and at 400%
zoom, and prints without its menus; an answer that comes late takes nobody away."""

from page_house import drive, page_web, run_web

from house import CANARY


def behaviour(house):
    house.open()
    web = page_web(house, "police")
    family = house.household("police", team=("police", "housing"))
    house.kith("police", "household", "link", family, "test/P-1", "--why", "same address")
    house.publish("police", *(house.event(number, about=("P-1",)) for number in range(1, 4)))
    house.settle()
    drive("everyone.mjs", [web], {}, family=family, name=f"{CANARY} the family")


run_web(behaviour)
