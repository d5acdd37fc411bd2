"""What ships is compiled and linked so that a mistake in it is hard to use: every own file with the
flags below, every program position-independent, with nothing writable and executable, its tables of
addresses read-only after the start, stack and fortified calls checked."""

import json
import re
import subprocess
from pathlib import Path

from tree import Finding

RULES = ("hardening",)
FLAGS = ("-D_FORTIFY_SOURCE=3", "-fstack-protector-strong", "-fstack-clash-protection",
         "-ftrivial-auto-var-init=zero", "-fcf-protection", "-fPIE")
PROGRAMS = ("kith", "kith-agent", "kith-broker", "kith-web", "kith-mail")
# What readelf must say, and what it must not.
WANTED = {r"Type:\s+DYN \(Position-Independent": "link it with -pie",
          r"GNU_RELRO": "link it with -Wl,-z,relro", r"BIND_NOW": "link it with -Wl,-z,now",
          r"__stack_chk_fail": "compile it with -fstack-protector-strong",
          r"__\w+_chk@": "compile it with -D_FORTIFY_SOURCE=3 and -O2",
          r"GNU_STACK.*\n?.* RW ": "link it with -Wl,-z,noexecstack"}
UNWANTED = {r"LOAD.*\n.* RWE ": "a segment is writable and executable", r"TEXTREL": "link it with "
            "-pie of objects made with -fPIE", r"R(UN)?PATH": "it looks for libraries in a path of "
            "its own: link it without"}


def check(build):
    commands = json.loads(Path(build, "compile_commands.json").read_text(encoding="utf-8"))
    shipped = [entry for entry in commands if "/tests/" not in entry["file"]
               and "-DKITH_PLANTED" not in entry["command"]]
    findings = [Finding("compile_commands.json", 1, "hardening", "names no file that ships")
                for _ in range(not shipped)]
    for entry in shipped:
        findings += [Finding(entry["file"], 1, "hardening", f"compile it with {flag}")
                     for flag in FLAGS if flag not in entry["command"].split()]
    for name in PROGRAMS:
        findings += check_program(Path(build, "bin", name))
    return findings


def check_program(path):
    said = subprocess.run(["readelf", "-h", "-l", "-d", "-s", "-W", path], capture_output=True,
                          text=True, check=True).stdout
    for pattern, remedy in WANTED.items():
        if not re.search(pattern, said):
            yield Finding(path.name, 1, "hardening", remedy)
    for pattern, what in UNWANTED.items():
        if re.search(pattern, said):
            yield Finding(path.name, 1, "hardening", what)
