"""A referral is made and accepted in two browsers, the lead is handed over; what is shielded is
marked as such, and its text is in no timeline."""

from page_house import drive, page_web, run_web

from house import CANARY


def behaviour(house):
    house.open()
    webs = [page_web(house, agency) for agency in ("police", "housing")]
    family = house.household("police", team=("police", "housing"))
    house.kith("police", "household", "link", family, "test/P-1", "--why", "same address")
    house.publish("police", house.event(1, about=("P-1",), shielded=True,
                                        narrative="a shielded text"))
    house.settle()
    drive("refer.mjs", webs, {}, family=family, name=f"{CANARY} the family", canary=CANARY)


run_web(behaviour)
