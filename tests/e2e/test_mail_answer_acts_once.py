"""An alert goes out by mail; a reply of a known address, with the mail server's word, is the answer
on the board, once, however often it comes. An auto-reply, a stranger's mail, or one without that
word never is: each waits for a person."""

from house import CANARY, same
from post_house import address, run_post


def behaviour(house):
    house.open()
    house.open_mta("housing")
    house.post("housing")
    household = house.household("police", team=("housing",))
    alert = house.ask("police", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2h")["id"]
    asked = house.asked("housing")
    same(CANARY in asked.raw.decode(), False, "nothing of the family is in a mail")
    same(asked["Auto-Submitted"], "auto-generated", "programs do not answer it")
    to, duty = address(asked["Reply-To"]), "duty@housing.example"

    def row():
        found, = house.ask("police", "show", alert)["board"]["rows"]
        return found

    def waiting():
        return sorted(task["reason"] for task in house.kith("housing", "inbox")
                      if task["kind"] == "mail-to-read")

    house.write_mail("stranger@elsewhere.example", to, "Acting", answers=asked)
    house.write_mail("stranger@elsewhere.example", to, "Acting", answers=asked, shown=duty)
    house.write_mail(duty, to, "I am away until Monday", answers=asked,
                     subject="Automatic reply: Kith", Auto_Submitted="auto-replied")
    house.until("three mails wait", lambda: len(waiting()) == 3)
    same(waiting(), ["auto-reply", "not-authenticated", "unknown-sender"], "why they wait")
    same(row().get("answer"), None, "none of them is an answer")

    sent = house.write_mail(duty, to, "Nothing known. We looked twice.", answers=asked)
    house.until("the board has it", lambda: row().get("answer") == "nothing-known")
    same(row()["text"], "Nothing known. We looked twice.", "what stands above the quote")
    house.mta.send(sent, to, user=duty)
    house["mail-housing"].wait_line("mail what=answer", times=2)
    replies = [entry for entry in house.feed("police") if entry["kind"] == "reply"]
    same((len(replies), len(waiting())), (1, 3), "it acts once, and leaves nothing behind")


run_post(behaviour)
