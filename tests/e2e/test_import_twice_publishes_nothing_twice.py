"""Importing the same export again publishes nothing twice, also two equal lines stay two."""

from house import CANARY, run, same

MAP = """
map = "try";
"""
EXPORT = f"""record_id,date,type,summary
1,2026-01-05,CALL,{CANARY} event 1
2,2026-01-06,CALL,{CANARY} event 2
"""


def behaviour(house):
    house.open()
    export, mapping = house.write("export.csv", EXPORT), house.write("map.cfg", MAP)
    same(house.ask("police", "import", "--map", mapping, export)["published"], 2, "the first time")
    same(house.ask("police", "import", "--map", mapping, export)["published"], 0, "the second time")
    house.settle("police")
    same(house.numbers("housing"), [1, 2], "delivered")


run(behaviour)
