"""A real partnership's clocks are the world's: nobody moves one. An exercise's only go forward."""

from house import run, same


def behaviour(house):
    house.open("police")
    same(house.try_kith("police", "exercise", "clock", "2099-01-01").returncode, 77, "no exercise")
    house.stop("police")
    house.exercise = True
    house.write_partnership()
    house.restart("police")
    same(house.try_kith("police", "exercise", "clock", "2001-01-01").returncode, 65, "back")
    house.kith("police", "exercise", "clock", "2099-01-01")
    same(house.ask("police", "status")["now"][:10], "2099-01-01", "forward")


run(behaviour)
