"""F12: the whole store of a broker or of an agency is lost under load. The broker gets a new one at
once. The agency begins another epoch, as the partnership file then says, and is sent again what the
others hold for it. Lost with its disk is only what no other disk had: so that agency has settled
before it strikes, and in one trial the agency is always the same one, since what one sent to the
other is gone when both disks are."""

from trial import main


def lose_broker(trial, broker):
    trial.kill(broker)
    trial.lose(broker)
    trial.restart(broker)


def lose_agency(trial, agency):
    house = trial.house
    trial.all_ready()
    client = trial.load.pause(agency)
    trial.settle_one(agency)
    trial.kill(agency)
    house.epochs[agency] += 1
    house.version += 1
    house.write_partnership()
    trial.lose(agency)
    others = [one for one in house.agencies if one != agency]
    house.reload(*others)
    house.reload(*house.broker_ids)
    trial.restart(agency)
    house[agency].wait_ready()
    trial.load.resume(client)


def fault(trial):
    unlucky = trial.chance.choice(list(trial.house.agencies))
    for _ in range(trial.count):
        trial.some_load()
        if trial.chance.random() < 0.5:
            lose_broker(trial, trial.chance.choice(trial.house.broker_ids))
        else:
            lose_agency(trial, unlucky)
        trial.some_load()


main("F12", fault, 4)
