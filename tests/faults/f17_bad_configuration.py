"""F17: a thousand configuration files, each made wrong in a way chosen by chance: wrong types,
missing and unknown settings, numbers that fit nowhere, files that are cut, huge, deep, recursive,
binary or none. The broker, the agent and the import end with 78 and one line `FILE:LINE: what and
what to do`, and nothing was made or half started."""

import os
import random
import re
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

from trial import main

TAKEN_S = 20  # a program that has not ended by then has taken the file
LINE = re.compile(rb"(\S+: )?\S+:\d+: \S")
SETTING = re.compile(rb"(?<![\w-])([a-z][\w-]*) = (\"[^\"\n]*\"|[0-9]+|true|false|[{(\[])")
MAP = b"""format = "csv";
topic = { constant = "call-out"; };
source = { system = "test"; id = "id"; };
fields = {
    kind = { constant = "call-out"; };
    occurred = { from = "date"; dates = "YYYY-MM-DD"; zone = "Europe/London"; };
    narrative = { from = "text"; };
};
about = ( { system = "test"; from = "who"; role = { constant = "tenant"; }; } );
"""
OPTIONAL = (b"liveness", b"exercise", b"expires", b"narrative", b"about", b"resend", b"urgent",
            b"normal", b"max", b"phone", b"reserve", b"map", b"zone", b"subscriptions", b"clauses")


# ---- ways to be wrong: (chance, text) → text ----------------------------------------------------


def settings(text, fits=lambda match: True):
    return [match for match in SETTING.finditer(text) if fits(match)]


def replaced(text, match, group, by):
    return text[:match.start(group)] + by + text[match.end(group):]


def wrong_type(chance, text):
    match = chance.choice(settings(text, lambda one: one[2] not in (b"{", b"(", b"[")))
    other = [b"true", b"7"] if match[2].startswith(b'"') else [b'"x"']
    return replaced(text, match, 2, chance.choice([b"[ ]", b"( )", b"{ }", b"1.5", *other]))


def missing(chance, text):
    match = chance.choice(settings(text, lambda one: one[1] not in OPTIONAL))
    return replaced(text, match, 1, b"x-" + match[1])


def unknown(chance, text):
    match = chance.choice(settings(text))
    return replaced(text, match, 1, b"colour = 3; " + match[1])


def twice(chance, text):
    match = chance.choice(settings(text, lambda one: one[2] not in (b"{", b"(", b"[")))
    return replaced(text, match, 0, match[0] + b"; " + match[0])


def too_big(chance, text):
    match = chance.choice(settings(text, lambda one: one[2] not in (b"{", b"(", b"[")))
    return replaced(text, match, 2, b"9" * chance.randint(20, 5000))


def long_string(chance, text):
    match = chance.choice(settings(text, lambda one: one[2].startswith(b'"') and
                                   one[1] not in (b"from", b"phone")))
    return replaced(text, match, 2, b'"' + b"x" * chance.choice((70000, 1000000)) + b'"')


def syntax(chance, text):
    lines = text.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice((b"{", b"}", b")", b"]", b"=", b'"',
                                                              b"(", b"%", b";;=")) + b"\n")
    return b"".join(lines)


def cut(chance, text):
    """Well before the last setting that must be there: a good file may lack its last `;`."""
    last = settings(text, lambda one: one[1] not in OPTIONAL)[-1].start(2)
    return text[:chance.randrange(last // 2)]


def zero_byte(chance, text):
    return at_random(chance, text, b"\0")


def not_utf8(chance, text):
    return at_random(chance, text, chance.choice((b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80",
                                                  b"\xf5\x80\x80\x80")) + b" ")


def at_random(chance, text, what):
    at = chance.randrange(len(text))
    return text[:at] + what + text[at:]


def include(chance, text):
    which = chance.choice((b"%SELF%", b"no-such.cfg", b"/etc/passwd", b".", b"/dev/zero"))
    return b'@include "' + which + b'"\n' + text


def deep(chance, text):
    opens, name = chance.choice(((b"(", b"deep = "), (b"{ deep = ", b"deep = ")))
    return text + name + opens * chance.choice((100, 10000, 200000))


def huge(chance, text):
    return text + b"# " + b"x" * chance.choice((5 << 20, 40 << 20))


def noise(chance, text):
    return bytes(chance.randrange(256) for _ in range(chance.randint(1, 4000)))


def empty(_chance, _text):
    return b""


def utf16(_chance, text):
    return text.decode().encode("utf-16")


TEXT_WAYS = (wrong_type, missing, unknown, twice, too_big, long_string, syntax, cut, zero_byte,
             not_utf8, include, deep, noise, empty, utf16)


# ---- ways in which the file itself is wrong: (path) ----------------------------------------------


def is_folder(path):
    path.unlink()
    path.mkdir()


def is_pipe(path):
    path.unlink()
    os.mkfifo(path)


def is_device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def is_loop(path):
    path.unlink()
    path.symlink_to(path.name)


def is_gone(path):
    path.unlink()


def is_anybodys(path):
    path.chmod(0o666)


FILE_WAYS = (is_folder, is_pipe, is_device, is_loop, is_gone, is_anybodys)
KEY_WAYS = FILE_WAYS + (lambda path: path.chmod(0o644), lambda path: path.write_text("x" * 64),
                        lambda path: path.write_text("00"), lambda path: path.write_bytes(b"\0"))


# ---- one case -----------------------------------------------------------------------------------


class Case:
    """A copy of a house's files, one of them wrong."""

    def __init__(self, house, chance, number):
        self.house, self.chance = house, chance
        self.folder = house.folder / "cases" / str(number)
        shutil.copytree(house.folder / "whole", self.folder, symlinks=True)
        self.file = chance.choice(("hub-a.cfg", "agents/police.cfg", "partnership.cfg", "map.cfg"))
        self.path = self.folder / self.file
        self.make_wrong()

    def make_wrong(self):
        kind = self.chance.random()
        if kind < 0.05 and self.file in ("hub-a.cfg", "agents/police.cfg"):
            who = "hub-a" if self.file == "hub-a.cfg" else "police"
            key = self.folder / "keys" / who / self.chance.choice(("transport.key", "signing.key"))
            self.what = f"a key of {who}"
            self.chance.choice(KEY_WAYS)(key)
        elif kind < 0.15:
            way = self.chance.choice(FILE_WAYS)
            self.what = f"{way.__name__} {self.file}"
            way(self.path)
        else:
            way = huge if kind < 0.16 else self.chance.choice(TEXT_WAYS)
            self.what = f"{way.__name__} {self.file}"
            text = way(self.chance, self.path.read_bytes())
            self.path.write_bytes(text.replace(b"%SELF%", self.path.name.encode()))

    def command(self):
        if self.file == "map.cfg":
            return [self.house.bin["kith"], "import", "--dry-run", "--map", str(self.path),
                    str(self.folder / "records.csv")]
        broker = self.file == "hub-a.cfg" or \
            self.file == "partnership.cfg" and self.chance.random() < 0.5
        program, config = ("kith-broker", "hub-a.cfg") if broker else \
            ("kith-agent", "agents/police.cfg")
        return [self.house.bin[program], "-c", str(self.folder / config)]

    def contents(self):
        """Every path below, with what a start would change of it."""
        return sorted((str(path), path.lstat().st_size, path.lstat().st_mtime_ns)
                      for path in self.folder.rglob("*") if not stat.S_ISDIR(path.lstat().st_mode))

    def problem(self):
        before = self.contents()
        command = self.command()
        try:
            ran = subprocess.run(command, capture_output=True, timeout=TAKEN_S, check=False,
                                 stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return f"was taken, or is read for ever ({self.folder})"
        if ran.returncode != 78:
            return f"status {ran.returncode}, not 78: {ran.stderr[:300]!r} ({self.folder})"
        if ran.stderr.count(b"\n") != 1 or not LINE.match(ran.stderr):
            return f"no single line FILE:LINE: {ran.stderr[:300]!r} ({self.folder})"
        if self.contents() != before:
            return f"something was made or changed ({self.folder})"
        shutil.rmtree(self.folder)
        return None


def whole(house):
    """What each case is a copy of: right, as the first start and import show."""
    for name in ("hub-a", "police"):
        house.init(name)
    house.write("map.cfg", MAP.decode())
    house.write("records.csv", "id,date,text,who\n1,2026-01-05,example,T1\n")
    folder = house.folder / "whole"
    shutil.copytree(house.folder, folder, ignore=lambda *_: ("whole", "logs", "run"))
    (house.folder / "cases").mkdir()
    for program, config in (("kith-broker", "hub-a.cfg"), ("kith-agent", "agents/police.cfg")):
        house.run(program, "-c", str(folder / config), "--check-config")
    house.run("kith", "import", "--dry-run", "--map", str(folder / "map.cfg"),
              str(folder / "records.csv"))


def fault(trial):
    whole(trial.house)

    def hold(number):
        case = Case(trial.house, random.Random(f"{trial.seed}-{number}"), number)
        problem = case.problem()
        return problem and f"{case.what}: {problem}"

    with ThreadPoolExecutor(2) as pool:
        trial.violations += [problem for problem in pool.map(hold, range(trial.count)) if problem]


main("F17", fault, 1000, bare=True, brokers=("hub-a",))
