"""The pure rooms touch nothing outside: what their objects ask of others is on a short list, and
they keep nothing that can change. And nothing that ships asks for a planted bug (base/bug.h)."""

import re
import subprocess
from pathlib import Path

from tree import Finding

RULES = ("impure", "mutable-global", "allowance", "planted-bug")

LIST = "tests/lint/pure-symbols.txt"
LIBRARIES = ("kith_base", "kith_broker_core", "kith_agent_core", "kith_agent_work")
GENERATED = "kith_proto"
PROGRAMS = ("kith", "kith-agent", "kith-broker")
CHANGEABLE = re.compile(r"^\.(data|bss|tdata|tbss)($|\.(?!rel\.ro))|^\*COM\*$")
INSTRUMENTS = re.compile(r"^(__odr_asan|\.LASAN|__asan|__ubsan|\.Lubsan)|\.(LASAN|Lubsan)")


class Allowed:
    """One line of the list: a symbol (or prefix*), the one object that may use it, and why."""

    def __init__(self, number, line):
        self.number = number
        self.symbol, self.user, self.why = line.split(None, 2)
        self.used = False

    def covers(self, symbol, user):
        if self.user not in ("any", "compiler", user):
            return False
        if self.symbol.endswith("*"):
            return symbol.startswith(self.symbol[:-1])
        return symbol == self.symbol


def read_list(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [Allowed(number, line) for number, line in enumerate(lines, 1)
            if line.strip() and not line.startswith("#")]


def check(archives, generated, allowed, say_unused):
    """archives: the pure libraries. generated: what protoc-c made, which they may call."""
    ours = set()
    for archive in [*archives, *generated]:
        ours |= {symbol for _, symbol in nm(archive, "--defined-only")}
    findings = []
    for archive in archives:
        for member, symbol in nm(archive, "--undefined-only"):
            if symbol not in ours and not is_allowed(allowed, symbol, member):
                findings.append(Finding(f"{archive.name}({member})", 1, "impure",
                                        f"{symbol}: let it come in as an event or a door, or name "
                                        f"it with its reason in {LIST}"))
        findings += globals_of(archive)
    if say_unused:
        findings += [Finding(LIST, one.number, "allowance", f"nothing needs {one.symbol} any more")
                     for one in allowed if not one.used and one.user != "compiler"]
    return sorted(set(findings))


def is_allowed(allowed, symbol, member):
    # What _FORTIFY_SOURCE calls instead (__memcpy_chk) is the same thing.
    symbol = re.sub(r"^__(\w+)_chk$", r"\1", symbol)
    for one in allowed:
        if one.covers(symbol, member):
            one.used = True
            return True
    return False


def nm(archive, which):
    out = subprocess.run(["nm", "-A", which, archive], capture_output=True, text=True, check=True)
    for line in out.stdout.splitlines():
        match = re.match(r".*?:([^:]+)\.o:\s*[0-9a-f]*\s+\w\s+(\S+)", line)
        if match:
            yield match.group(1), match.group(2)


def globals_of(archive):
    out = subprocess.run(["objdump", "-t", archive], capture_output=True, text=True, check=True)
    member = ""
    for line in out.stdout.splitlines():
        heading = re.match(r"(\S+)\.o:\s+file format", line)
        if heading:
            member = heading.group(1)
        row = re.match(r"[0-9a-f]+ .{7} ?(\S+)\s+[0-9a-f]+\s+(\S+)", line)
        if row and " O " in line and CHANGEABLE.match(row.group(1)) \
                and not INSTRUMENTS.search(row.group(2)):
            yield Finding(f"{archive.name}({member})", 1, "mutable-global",
                          f"{row.group(2)}: keep it in the object that its caller owns")


def check_build(build, allow_list, say_unused):
    archives = {path.stem[3:]: path for path in Path(build).glob("*/libkith_*.a")}
    missing = [name for name in (*LIBRARIES, GENERATED) if name not in archives]
    if missing:
        return [Finding(f"lib{name}.a", 1, "impure", "not built: build it first")
                for name in missing]
    programs = [Path(build, "bin", name) for name in PROGRAMS]
    return [*check([archives[name] for name in LIBRARIES], [archives[GENERATED]],
                   read_list(allow_list), say_unused),
            *check_planted([*archives.values(), *programs])]


def check_planted(shipped):
    for path in shipped:
        out = subprocess.run(["nm", "-A", path], capture_output=True, text=True, check=True)
        if " kith_planted_" in out.stdout:
            yield Finding(path.name, 1, "planted-bug", "asks which bug is planted: what ships is "
                          "compiled without -DKITH_PLANTED")
