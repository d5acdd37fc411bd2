"""kith-mail as a mail server's pipe calls it, and the mails that others collected."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lib"))

from mail_config import mail_config  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
PROGRAM = pathlib.Path(os.environ["KITH_BIN"]) / "bin" / "kith-mail"
WAIT_S = 60
SETTINGS = mail_config("alerts@kith.example", server="mx.kith.example")


def ran(config, *words, mail=b""):
    return subprocess.run([PROGRAM, "-c", config, *words], input=mail, capture_output=True,
                          timeout=WAIT_S, check=False)


class Reader:
    """What kith-mail takes a mail for, with no agent near."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.config = pathlib.Path(self.folder.name) / "mail.cfg"
        self.config.write_text(SETTINGS, encoding="utf-8")

    def read(self, mail):
        done = ran(self.config, "--read", mail=mail)
        if done.returncode:
            raise AssertionError(f"exit {done.returncode}: {done.stderr.decode()[-2000:]}")
        return json.loads(done.stdout)


def letter(text, subtype="plain", name="", address="duty@police.example", more=""):
    """A mail with this text, as a mail program would send it."""
    head = (f'From: "{name}" <{address}>\nTo: alerts@kith.example\nMessage-ID: <1@police.example>\n'
            f"{more}MIME-Version: 1.0\nContent-Type: text/{subtype}; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n")
    return head.encode() + (text if isinstance(text, bytes) else text.encode())


def at_least(share, right, wrong, what):
    """The figures are printed, also when they are good."""
    reached = len(right) / (len(right) + len(wrong))
    print(f"{what}: {len(right)} of {len(right) + len(wrong)} ({100 * reached:.1f} %)")
    if reached < share:
        raise AssertionError(f"{what}: less than {100 * share:.0f} %:\n" + "\n".join(wrong))
