"""A bad line of an export is reported with its number, field and reason; the good ones go in."""

from house import CANARY, holds, run, same

MAP = """
format = "csv";
topic = { from = "type"; table = "topics"; };
source = { system = "test"; id = "record"; };
fields = {
    kind = { from = "type"; table = "topics"; };
    occurred = { from = "date"; dates = "YYYY-MM-DD"; zone = "Europe/London"; };
    minutes = { from = "minutes"; };
    narrative = { from = "notes"; };
};
tables = { topics = { CALL = "call-out"; }; };
"""
EXPORT = f"""record,date,type,minutes,notes
1,2026-01-05,CALL,10,{CANARY} event 1
2,2026-02-30,CALL,10,{CANARY} event 2
3,2026-01-05,CALL,ten,{CANARY} event 3
4,2026-01-05,SHOUT,10,{CANARY} event 4
5,2026-01-06,CALL,,{CANARY} event 5
"""


def behaviour(house):
    house.open()
    mapping, export = house.write("map.cfg", MAP), house.write("export.csv", EXPORT)
    ran = house.try_kith("police", "import", "--map", mapping, export)
    same(ran.returncode, 65, "some lines were refused")
    lines = ran.stderr.splitlines()
    for number, field in ((3, "occurred"), (4, "minutes"), (5, "topic")):
        holds(any(f"export.csv:{number}: {field}" in line for line in lines),
              f"line {number} and its {field} are named in {lines}")
    holds(CANARY not in ran.stderr, "what people wrote is not repeated")
    house.settle("police")
    same(house.numbers("housing"), [1, 5], "the good ones arrived")


run(behaviour)
