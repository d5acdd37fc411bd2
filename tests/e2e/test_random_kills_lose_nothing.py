"""Three agencies publish to each other through two brokers while random ones of all five processes
are killed with -9, a broker's store being wiped now and then: all arrives, once and in order."""

import os
import random
import threading

from house import run, same

AGENCIES = ("police", "housing", "social-care")
BROKERS = ("hub-a", "hub-b")
COUNT = 200  # of each agency
KILLS = 10


def publish_all(house, agency, household):
    """Asks again after each kill, as a person's script would: the record ids make it harmless."""
    events = [house.event(number, household=household, source=agency) for number in range(COUNT)]
    while house.try_publish(agency, *events).returncode:
        pass


def kill_one(house, chance):
    name = chance.choice((*AGENCIES, *BROKERS))
    house.kill(name)
    if name in BROKERS and chance.random() < 0.5:
        house.wipe(name)
    house.restart(name)


def behaviour(house):
    seed = int(os.environ.get("KITH_SEED", random.randrange(1 << 32)))
    print(f"KITH_SEED={seed}", flush=True)
    chance = random.Random(seed)
    house.open()
    household = house.household("police", team=AGENCIES)
    publishers = [threading.Thread(target=publish_all, args=(house, agency, household))
                  for agency in AGENCIES]
    for publisher in publishers:
        publisher.start()
    for step in range(KILLS):  # spread over the load: each agency gets 2 * COUNT
        watcher = house.watch(chance.choice(AGENCIES))
        watcher.wait_count_or_end(1 + step * 2 * COUNT // KILLS + chance.randrange(20))
        kill_one(house, chance)
    for publisher in publishers:
        publisher.join()
    house.settle()
    for agency in AGENCIES:
        for origin in AGENCIES:
            same(house.numbers(agency, origin), list(range(COUNT)), f"{origin} at {agency}")


run(behaviour, agencies=AGENCIES, brokers=BROKERS,
    settings='resend = { urgent = "1s"; normal = "1s"; max = "2s"; };')
