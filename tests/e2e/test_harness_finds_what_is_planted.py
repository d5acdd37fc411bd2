"""The checks at the end of every test can fail: a canary in a log, a sanitizer's report, a process
that ended by itself, and a wait for what never comes."""

from house import CANARY, House, PartnershipError, holds, run


def fails(house, check, word):
    try:
        check()
    except PartnershipError as error:
        holds(word in str(error), f"it says {word}: {error}")
        return
    holds(False, f"{word} is found")


def planted(plant, word):
    """A house of its own, in which something is wrong at the end."""
    house = House()
    try:
        house.open("police")
        plant(house["police"])
        fails(house, house.check_end, word)
    finally:
        house.close()


def write(text):
    def plant(program):
        with open(program.log, "a", encoding="utf-8") as log:
            log.write(text + "\n")
    return plant


def behaviour(house):
    planted(write(f"kith-agent said text={CANARY}"), "holds what people wrote")
    planted(write("==1==ERROR: AddressSanitizer: heap-use-after-free"), "AddressSanitizer")
    planted(lambda program: program.kill(), "ended by itself with -9")
    house.open("police")
    fails(house, lambda: house["police"].wait_line("never said", timeout=0), "did not come in time")
    fails(house, lambda: house.until("what never is", lambda: False, timeout=0), "what never is")


run(behaviour)
