"""A store made for another epoch than the partnership file names is not used: status 78."""

from house import holds, run, same


def behaviour(house):
    house.init("police")
    house.epochs["police"] = 2
    house.write_partnership()
    ran = house.run("kith-agent", "-c", str(house.config("police")), may_fail=True)
    same(ran.returncode, 78, "a store of epoch 1 where the file says 2")
    holds("epoch" in ran.stderr, "it says why")


run(behaviour)
