"""What the compilers themselves find in what is ours: gcc's -fanalyzer, and clang's warnings.

What the analyzer says and is not so stands, with its reason, in analyzer-waivers.txt; a waiver that
nothing needs is itself a finding.
"""

import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import Seen
from tree import Finding

WAIVERS = "tests/lint/analyzer-waivers.txt"
# Not the build's: sanitizers hide paths, and some warnings come only with -O2. "Too complex" says
# where the analyzer gave up.
FLAGS = ["gcc", "-std=c17", "-O2", "-fanalyzer", "-fdiagnostics-plain-output", "-c", "-o",
         "/dev/null"]
CLANG = ["clang-14", "-std=c17", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Wshadow",
         "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Werror"]
KEPT = re.compile(r"^-(D|I|isystem)")
WHERE = re.compile(r"In function '(?P<name>\w+)'")
SAID = re.compile(r":(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*?) "
                  r"\[-W(?:error=)?(?P<warning>analyzer-[\w-]+)\]$")


def read_waivers(path):
    """(file, function, warning) → its line in the list."""
    waivers = {}
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            name, function, warning, _why = line.split(None, 3)
            waivers[name, function, warning] = number
    return waivers


def commands(build, root):
    """Own file → what it was compiled with, as far as it says where things are."""
    for entry in json.loads(Path(build, "compile_commands.json").read_text(encoding="utf-8")):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        words = iter(shlex.split(entry["command"]))
        if not path.startswith(("tests/", "build/", "..")) and "-DKITH_PLANTED" not in \
                entry["command"]:
            yield path, [part for word in words if KEPT.match(word) for part in
                         ([word, next(words)] if word == "-isystem" else [word])]


def analyse(path, flags, root):
    """What is said of one file: (function, line, warning, text)."""
    ran = subprocess.run([*FLAGS, *flags, path], cwd=root, capture_output=True, text=True,
                         env={**os.environ, "LC_ALL": "C"})
    said, function = [], ""
    for line in ran.stderr.splitlines():
        where, match = WHERE.search(line), SAID.search(line)
        if where:
            function = where["name"]
        elif match:
            said.append([function, int(match["line"]), match["warning"], match["text"]])
    if ran.returncode:
        said.append(["", 1, "cannot-compile", ran.stderr[-300:]])
    return said


def check_clang(tree, build):
    """clang takes every own file with the warnings that gcc takes it with."""
    seen = Seen(tree, build, "clang", CLANG)

    def compile_one(own):
        path, flags = own
        return path, seen.of(path, lambda: said_by_clang(path, flags, tree.root))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sorted(Finding(path, int(line), "clang", text) for path, said in
                      pool.map(compile_one, commands(build, tree.root)) for line, text in said)


def said_by_clang(path, flags, root):
    ran = subprocess.run([*CLANG, *flags, path], cwd=root, capture_output=True, text=True)
    said = re.findall(r":(\d+):\d+: (?:fatal )?error: (.*)", ran.stderr)
    return said or [["1", ran.stderr[-300:]]] * (ran.returncode != 0)


def check(tree, build):
    seen = Seen(tree, build, "analyzer", [" ".join(FLAGS)])
    waivers = read_waivers(Path(tree.root, WAIVERS))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = dict(pool.map(lambda own: (own[0], seen.of(own[0], lambda: analyse(
            *own, tree.root))), commands(build, tree.root)))
    return judge(said, waivers)


def judge(said, waivers):
    findings, used = [], set()
    for path, of_path in said.items():
        for function, line, warning, text in of_path:
            if (path, function, warning) in waivers:
                used.add((path, function, warning))
            else:
                findings.append(Finding(path, line, "analyzer", f"{text} [{warning}] in "
                                        f"{function}: mend it, or say why it is not so in "
                                        f"{WAIVERS}"))
    return sorted([*findings, *(Finding(WAIVERS, number, "allowance", "nothing needs this any more")
                                for waiver, number in waivers.items() if waiver not in used)])
