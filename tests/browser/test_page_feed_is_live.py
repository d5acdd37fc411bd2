"""The page's feed and a household's timeline show what arrives by themselves, over a broker's
restart; a stored text with a script in it shows as text; no title or address names a family."""

from page_house import drive, page_web, run_web

from house import CANARY


def behaviour(house):
    house.open()
    web = page_web(house, "housing")
    family = house.household("police", team=("police", "housing"))
    house.kith("police", "household", "link", family, "test/P-1", "--why", "same address")

    def publish(number, text):
        house.publish("police", house.event(number, about=("P-1",), narrative=text))

    def restart():
        house.stop("hub-a")
        house.restart("hub-a")

    drive("feed.mjs", [web], {"publish": publish, "restart hub": restart},
          name=f"{CANARY} the family")


run_web(behaviour)
