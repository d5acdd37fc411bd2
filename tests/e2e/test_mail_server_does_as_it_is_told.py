"""The tests' own mail server: what it stamps, returns, pipes, tries again and lets in."""

import os
import smtplib
import tempfile
from email.message import EmailMessage
from pathlib import Path

from house import holds, same
from mta import NAME, Mta

DUTY, PASSWORD = "duty@police.example", "plainly: fictional $words"
TRIES = 'echo >> "$0/tries"; test -e "$0/ready" || exit 75; cat > "$0/came"'


def letter(results=None, to=DUTY):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Duty <{DUTY}>", to, "test"
    for one in results or []:
        mail["Authentication-Results"] = one
    mail.set_content("A line.\n")
    return mail


def results(mta, to):
    return mta.wait_mail(to)[0].get_all("Authentication-Results")


def stamps_who_sent_it(mta):
    forged = [f"{NAME}; dmarc=pass header.from=police.example", "other.example; dmarc=pass"]
    mta.send(letter(forged), "a@police.example", DUTY)
    same(results(mta, "a@police.example"), [f"{NAME}; dmarc=pass header.from=police.example"],
         "the account's own domain")
    mta.send(letter(forged), "b@police.example", sender=DUTY)
    same(results(mta, "b@police.example"), [f"{NAME}; dmarc=fail header.from=police.example"],
         "a stranger's, with our word forged")
    mta.send(letter(), "c@police.example", "team@housing.example")
    same(results(mta, "c@police.example"), [f"{NAME}; dmarc=fail header.from=police.example"],
         "another domain's account")
    mta.send(letter(forged[1:]), "d@police.example")
    same(results(mta, "d@police.example"),
         [f"{NAME}; dmarc=fail header.from=police.example", forged[1]], "another server's stays")


def returns_what_nobody_takes(mta):
    mta.bounce("gone@police.example")
    for number, to in enumerate(("gone@police.example", "a@nowhere.example")):
        mta.send(letter(), to, DUTY, sender=f"bounce+{number}@police.example")
        back = mta.wait_mail(f"bounce+{number}@police.example")[0]
        same(back.get_content_type(), "multipart/report", "it comes back as a report")
        same(back["X-Failed-Recipients"], to, "of this address")
        same(back["Return-path"], "<>", "from nobody")


def refusal(mta, to, user=None):
    try:
        mta.send(letter(), to, user)
    except smtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[to][0]
    return 250


def refuses_and_lets_in_again(mta):
    mta.refuse("r@police.example")
    mta.put_off("l@police.example")
    same(refusal(mta, "r@police.example"), 550, "refused")
    same(refusal(mta, "l@police.example", DUTY), 450, "put off")
    same(refusal(mta, "a@nowhere.example"), 550, "a stranger writes to others")
    mta.admit_all_again()
    same([refusal(mta, f"{name}@police.example") for name in "rl"], [250, 250], "taken again")
    with smtplib.SMTP(mta.host, mta.port, "client.example") as smtp:
        smtp.ehlo()
        holds(not smtp.has_extn("auth") and smtp.has_extn("starttls"), "AUTH only within TLS")


def pipes_until_it_is_taken(mta, folder):
    mta.send(letter(), "alerts+token.1=x@kith.example", DUTY)
    mta.wait_log("== alerts@kith.example")
    holds(not (folder / "came").exists(), "exit 75 keeps it")
    (folder / "ready").touch()
    mta.wait_log("=> alerts")
    came = (folder / "came").read_text()
    holds("Envelope-to: alerts+token.1=x@kith.example\n" in came, "to whom")
    holds(came.endswith("\n\nA line.\n\n") or came.endswith("\n\nA line.\n"), "the whole mail")
    holds(len((folder / "tries").read_text()) > 1, "it was tried again")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Mta(["police.example", "kith.example"],
                 {DUTY: PASSWORD, "team@housing.example": PASSWORD},
                 pipes={"alerts@kith.example": ["sh", "-c", TRIES, folder]},
                 maildirs={"own@police.example": folder / "own"}) as mta:
            os.chown(folder, mta.uid, mta.gid)
            stamps_who_sent_it(mta)
            returns_what_nobody_takes(mta)
            refuses_and_lets_in_again(mta)
            pipes_until_it_is_taken(mta, folder)
            mta.send(letter(), "own@police.example")
            mta.wait_log("=> own")
            same(len(list((folder / "own" / "new").iterdir())), 1, "a folder of the caller's")
            mta.flush()
            mta.stop()


main()
