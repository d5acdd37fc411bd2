"""F18: under load, a second process is started on the store of one that runs: it ends with 75 and
changes nothing. And a second broker with the same name and keys but a store of its own, to which
the agents' connections go by turns: they see that it is another store, and nothing is lost."""

from proxy import ProxyHouse
from trial import free_port, main, same

TWIN = "hub-a-twin"


def second_on_one_store(trial, name):
    house = trial.house
    ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True)
    same(ran.returncode, 75, f"a second {name} on its store: {ran.stderr!r}")
    trial.struck("second", node=name)


def by_turns(trial):
    """Every connection is cut, and the next ones go to the other of the two."""
    house = trial.house
    house.proxy.swap(house.behind["hub-a"], house.behind[TWIN])
    house.proxy.strike("cut", share=1)
    trial.struck("twin")


def start_twin(house):
    """The same broker, its store and its port aside."""
    house.behind[TWIN] = free_port(house.host)
    text = house.config("hub-a").read_text(encoding="utf-8")
    text = text.replace(f':{house.behind["hub-a"]}"', f':{house.behind[TWIN]}"')
    house.write(f"{TWIN}.cfg", text.replace("store/hub-a", f"store/{TWIN}"))
    house.broker_ids.append(TWIN)
    house.init(TWIN)
    house.start(TWIN)


def fault(trial):
    start_twin(trial.house)
    trial.unjudged.add(TWIN)
    for _ in range(trial.count):
        trial.some_load()
        second_on_one_store(trial, trial.chance.choice(trial.names))
        by_turns(trial)
    if trial.count % 2:
        by_turns(trial)  # back to the first
    trial.some_load()
    trial.must_have_broken()


main("F18", fault, 6, house=ProxyHouse, brokers=("hub-a",))
