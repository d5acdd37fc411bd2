"""Agencies say what they offer and know about; `kith find` answers, the best first; a referral to a
full or stale service warns first, and goes through once the warning was read."""

import datetime

from house import CANARY, holds, run, same

DIRECTORY = 'directory = { stale_after = "30d"; };'


def refer(house, *more):
    return house.try_kith("police", "refer", "--to", "housing", "--service", "debt-advice",
                          "--need", CANARY, "--basis", "public-task", *more)


def behaviour(house):
    house.body += DIRECTORY
    house.write_partnership()
    house.open()
    house.kith("housing", "offer", "service", "debt-advice", "--name", "Debt advice", "--what",
               "one to one", "--needs", "debt,benefits", "--whom", "tenants", "--places", "6",
               "--free", "2")
    house.kith("housing", "offer", "knows", "debt and arrears", "--role", "income officer")
    house.settle("housing")
    found = house.kith("police", "find", "debt")
    same([one.get("service", {}).get("id") for one in found], ["debt-advice", None],
         "the service first, then who knows")
    same((found[0]["agency"], found[0]["full"], found[0]["stale"], found[0]["may_refer"]),
         ("housing", False, False, True), "as it is")
    same(found[1]["knows"], {"subject": "debt and arrears", "role": "income officer"}, "who")
    same(house.kith("police", "find", "swimming"), [], "nobody")
    same(refer(house).returncode, 0, "there are places")

    house.kith("housing", "offer", "service", "debt-advice", "--free", "0")
    house.settle("housing")
    same(house.kith("police", "find", "debt")[0]["full"], True, "full")
    refused = refer(house)
    same(refused.returncode, 65, "a warning first")
    holds("--despite service-full" in refused.stderr, "what to do is said")
    same(refer(house, "--despite", "service-full").returncode, 0, "it was read")

    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=31)
    house.kith("police", "exercise", "clock", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    same(house.kith("police", "find", "debt")[0]["stale"], True, "stale")
    refused = refer(house, "--despite", "service-full")
    holds("nobody at housing has looked at debt-advice" in refused.stderr, "and why")
    house.kith("housing", "offer", "end", "--service", "debt-advice")
    house.settle("housing")
    same([one.get("service") for one in house.kith("police", "find", "debt")], [None],
         "no longer offered")


run(behaviour, exercise=True)
