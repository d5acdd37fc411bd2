"""What the mail server pipes is on disk before it is taken: with no kith-mail running, and with no
agent, nothing is lost. What cannot be kept is answered 75, so that the mail server tries again; a
mail that ends its reader waits for a person, and the next one is read."""

import shutil
import subprocess

from house import CANARY, same
from mail_house import letter
from post_house import run_post


def behaviour(house):
    house.open()
    house.open_mta("police")
    police = house.post("police", start=False)

    def pipe(mail):
        return subprocess.run([house.built("kith-mail"), "-c", police.config, "--in"], input=mail,
                              capture_output=True, check=False, timeout=60)

    def reasons():
        return sorted(task["reason"] for task in house.kith("police", "inbox")
                      if task["kind"] == "mail-to-read")

    # nobody there: it lies in the maildir
    same(pipe(letter(CANARY, address="somebody@elsewhere.example")).returncode, 0, "it is kept")
    bomb = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n)
                    for n in range(200000))
    same(pipe(b"From: x@elsewhere.example\nMIME-Version: 1.0\n" + bomb).returncode, 0, "a bomb")
    same(pipe(letter("x" * 26 * 1024 * 1024)).returncode, 65, "larger than a mail may be")
    house.stop("police")
    police.start()
    house["mail-police"].wait_line("ready")
    same(len(list((police.maildir / "new").iterdir())), 2, "no agent: they stay where they are")
    house.start("police")
    house.until("both wait for a person", lambda: len(reasons()) == 2)
    same(reasons(), ["doubtful", "unknown-sender"], "why")
    house.until("they were seen", lambda: len(list((police.maildir / "cur").iterdir())) == 2)
    same(list((police.maildir / "new").iterdir()), [], "and lie in cur, whole")
    same(pipe(letter("still there", address="other@elsewhere.example")).returncode, 0, "the next")
    house.until("it is read as well", lambda: len(reasons()) == 3)

    same(pipe(letter("word " * 20000, address="third@elsewhere.example")).returncode, 0, "long")
    house.until("one too long for an answer waits", lambda: len(reasons()) == 4)
    same(reasons().count("doubtful"), 2, "as doubtful")
    head = "Subject: " + "\xe4" * 40000 + "\nFrom: fourth@elsewhere.example\n\nx"
    same(pipe(head.encode("latin-1")).returncode, 0, "a subject that fits no field")
    house.until("it waits without its words", lambda: len(reasons()) == 5)
    same(pipe(letter("the last", address="fifth@elsewhere.example")).returncode, 0, "the next")
    house.until("and the next is read", lambda: len(reasons()) == 6)

    # no maildir: the mail server keeps it
    house.stop("mail-police")
    shutil.rmtree(police.maildir)
    refused = pipe(letter(CANARY))
    same(refused.returncode, 75, refused.stderr)


run_post(behaviour)
