"""kith-mail is killed between any two steps, and mails come while it is down: each of its people
has each mail, under one Message-ID, and each answer acts once."""

import random

from house import CANARY, same
from post_house import address, run_post

ALERTS = 6


def behaviour(house):
    house.open()
    house.open_mta("housing")
    house.post("housing", start=False)
    household = house.household("police", team=("housing",))
    random.seed(5)
    alerts = [house.ask("police", "alert", "--household", household, "--subject", CANARY,
                        "--text", f"{CANARY} {number}", "--reply-by", "2h")["id"]
              for number in range(ALERTS)]
    house.settle("police")

    def asked():
        return {mail["Message-ID"]: mail for mail in house.mta.mails("duty@housing.example")
                if "alert asks" in mail["Subject"]}

    def answers():
        return [house.ask("police", "show", alert)["board"]["rows"][0].get("answer")
                for alert in alerts]

    for word in ("agent state=there", "sent number=", "sent number="):
        house.start("mail-housing", ready=False).wait_line(f"kith-mail {word}")
        house.kill("mail-housing")
    house.start("mail-housing")
    house.until("all alerts have come", lambda: len(asked()) == ALERTS)

    house.kill("mail-housing")
    for mail in asked().values():
        for _ in range(2):
            house.write_mail("duty@housing.example", address(mail["Reply-To"]), "Acting.",
                             answers=mail)
    while None in answers():
        house.start("mail-housing", ready=False).wait_line("kith-mail mail what=answer")
        house.kill("mail-housing")
        house.settle("housing")
    house.start("mail-housing")
    house.until("nothing waits", lambda: not list(
        (house.posts["mail-housing"].maildir / "new").iterdir()))
    same(set(answers()), {"acting"}, "each is answered")
    same(len(asked()), ALERTS, "one Message-ID each")
    house.stop("mail-housing")


run_post(behaviour)
