"""Importing an export again publishes nothing twice; two equal lines without an id stay two."""

from house import CANARY, run, same

MAP = """
format = "csv";
topic = { constant = "call-out"; };
source = { system = "test"; };
fields = {
    kind = { constant = "call-out"; };
    occurred = { from = "date"; dates = "DD/MM/YYYY"; zone = "Europe/London"; };
    narrative = { from = "notes"; };
};
"""
EXPORT = f"""date,notes
05/01/2026,{CANARY} event 1
06/01/2026,{CANARY} event 2
06/01/2026,{CANARY} event 2
"""


def behaviour(house):
    house.open()
    mapping, export = house.write("map.cfg", MAP), house.write("export.csv", EXPORT)
    for published, already in ((3, 0), (0, 3)):
        said = house.ask("police", "import", "--map", mapping, export)
        same((said["published"], said["already"]), (published, already), "published, already")
    house.settle("police")
    same(house.numbers("housing"), [1, 2, 2], "delivered")


run(behaviour)
