"""A household is opened for what waited at the front door, its people, team and lead are named, one
agency snoozes and ends a task, and it is closed: each by its form, each refusal at its field."""

from page_house import drive, page_web, run_web

from house import CANARY


def behaviour(house):
    house.open()
    webs = [page_web(house, agency) for agency in ("police", "housing")]

    def publish(number):
        house.publish("police", house.event(number, about=("P-9",)))

    drive("family.mjs", webs, {"publish": publish, "settle": house.settle}, canary=CANARY)


run_web(behaviour)
