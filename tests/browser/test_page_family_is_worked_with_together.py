"""An assessment, a plan, small help and a disagreement, from the first word to the last, in two
agencies' browsers: each step by its form, each refusal at its field."""

from page_house import drive, page_web, run_web

from house import CANARY

TOGETHER = """assessment_valid = "180d";
pots = ( { id = "joined-up"; name = "The joined-up pot"; holder = "housing";
  pence = 50000; limit_pence = 20000; } );
disagreement = ( { role = "team-manager"; within = "48h"; } );
"""


def behaviour(house):
    house.body += TOGETHER
    house.write_partnership()
    house.open()
    webs = [page_web(house, agency) for agency in ("police", "housing")]
    family = house.household("police", team=("police", "housing"))
    drive("together.mjs", webs, {"settle": house.settle}, family=family,
          name=f"{CANARY} the family", canary=CANARY)


run_web(behaviour)
