"""`kith load` counts a family's events at every agency that has them: by agency and topic, in hours
and pounds; a record that is published twice counts once."""

from house import run, same

COSTS = """unit_costs = ( { code = "officer-hour"; per = "hour"; pence = 5000; },
  { code = "visit"; per = "event"; pence = 1250; } );"""


def behaviour(house):
    house.body += COSTS
    house.write_partnership()
    house.open()
    family = house.household("police", team=("housing",))

    def said(agency, number, **more):
        house.publish(agency, house.event(number, household=family, **more))

    said("police", 1, minutes=90, cost_code="officer-hour")
    said("police", 2, minutes=45, cost_code="officer-hour", topic="arrest")
    said("police", 2, minutes=45, cost_code="officer-hour", topic="arrest")
    said("housing", 1, minutes=20, cost_code="visit")
    said("housing", 2, minutes=20)
    house.settle()
    for agency in ("police", "housing"):
        load = house.ask(agency, "load", family)
        rows = [tuple(row.get(part, 0) for part in
                      ("agency", "topic", "count", "minutes", "cost", "uncosted"))
                for row in load["rows"]]
        same(rows, [("housing", "call-out", 2, 40, 1250, 1), ("police", "arrest", 1, 45, 3750, 0),
                    ("police", "call-out", 1, 90, 7500, 0)], f"the rows at {agency}")
        same((load["count"], load["minutes"], load["cost"], load["uncosted"]), (4, 175, 12500, 1),
             f"all of it at {agency}")
    same(house.ask("police", "load", family, "--from", "2026-01-06").get("rows", []), [],
         "nothing happened since")
    shown = house.run("kith", "load", family, "--agent", house.socket_of("police")).stdout
    same("£125.00" in shown and "nobody" in shown, True, "the table")
    same(house.try_kith("police", "load", family, "--from", "1d", "--to", "2d").returncode, 65,
         "a window that ends before it begins")
    same(house.try_kith("police", "load", "00000000-0000-7000-8000-000000000000").returncode, 66,
         "no such household")


run(behaviour)
