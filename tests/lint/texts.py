"""What stands in words: links that lead somewhere, no path of one machine, scripts that parse."""

import re
import subprocess
from pathlib import PurePosixPath

from tree import Finding

RULES = ("link", "machine-path", "syntax")

LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
MACHINE = re.compile(r"(?<![\w.$}~])/(work|tmp|root|home|Users|mnt)/")


def check(tree):
    findings = []
    for source in tree.sources:
        if source.path.endswith(".md"):
            findings += check_links(tree, source)
        if not source.path.startswith("tests/fixtures/"):
            findings += [Finding(source.path, number, "machine-path",
                                 "a path of one machine: take it from the arguments, from mktemp, "
                                 "or from the file's own folder")
                         for number, line in enumerate(source.lines, 1)
                         if MACHINE.search(line) and "XXXXXX" not in line]
        if source.is_shell:
            findings += check_shell(source)
        elif source.is_python:
            findings += check_python(source)
    return findings


def check_links(tree, source):
    folder = PurePosixPath(source.path).parent
    for number, line in enumerate(source.lines, 1):
        for match in LINK.finditer(line):
            target = match.group(1)
            if ":" in target:
                continue
            if not tree.has(folder / target):
                yield Finding(source.path, number, "link", f"{target} is not there")


def check_shell(source):
    ran = subprocess.run(["bash", "-n", source.full], capture_output=True, text=True)
    if ran.returncode:
        match = re.search(r"line (\d+): (.*)", ran.stderr)
        yield Finding(source.path, int(match.group(1)), "syntax", match.group(2))


def check_python(source):
    try:
        source.parsed()
    except SyntaxError as error:
        yield Finding(source.path, error.lineno or 1, "syntax", error.msg)
