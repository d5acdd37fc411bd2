"""A mail that waits is completed and sent from the page: an alert's draft, and an answer that was
not clear. What a stranger wrote shows as text."""

from page_house import drive, page_web

from house import CANARY
from post_house import address, run_post

SCRIPT = "<script>document.title = 'taken'</script>"


def behaviour(house):
    house.open()
    house.open_mta("police", "housing")
    web = page_web(house, "police")
    house.post("police")
    house.post("housing")
    family = house.household("police", team=("housing",))

    def drafts():
        house.write_mail("duty@police.example", "kith@police.example",
                         f"Has anyone seen the younger child? {SCRIPT}",
                         subject=f"{CANARY} not at school {SCRIPT}")

    def asks():
        """An alert of housing to police, answered by mail in words that are no answer."""
        house.kith("housing", "alert", "--household", family, "--subject", "Weight", "--text",
                   "Has the baby been weighed?", "--reply-by", "2h")
        asked = house.asked("police")
        house.write_mail("duty@police.example", address(asked["Reply-To"]),
                         "We have been there on Monday", answers=asked)

    drive("mail.mjs", [web], {"drafts": drafts, "asks": asks}, family=family,
          name=f"{CANARY} the family", canary=CANARY)


run_post(behaviour)
