"""Checks that other programs make: clang-format, clang-tidy, cppcheck. Their words, our shape."""

import hashlib
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import Finding

SAID = re.compile(r"^(?P<path>/?[^:\n]+):(?P<line>\d+):(\d+:)? (?:error|warning|style|performance|"
                  r"portability|note): (?P<text>.*?)(?: \[(?P<rule>[^\]]+)\])?$", re.M)


def c_files(tree, ends=(".c", ".h")):
    return [source.path for source in tree.sources if source.path.endswith(ends)]


def check_format(tree):
    ran = subprocess.run(["clang-format-14", "--dry-run", *c_files(tree)], cwd=tree.root,
                         capture_output=True, text=True)
    first = {}  # line of each file
    for match in SAID.finditer(ran.stderr):
        first.setdefault(relative(tree, match["path"]), int(match["line"]))
    if ran.returncode and not first:
        return [Finding(".clang-format", 1, "format", ran.stderr.strip()[-300:])]
    return [Finding(path, line, "format", "run clang-format-14 -i on this file")
            for path, line in sorted(first.items())]


class Seen:
    """What a check said of a file, kept in the build folder: not asked again until the file, a
    header or the rules change."""

    def __init__(self, tree, build, name, rules):
        self.folder, self.root = Path(build, f"lint-{name}"), tree.root
        self.folder.mkdir(exist_ok=True)
        self.shared = hashlib.sha256("\0".join(rules).encode())
        for path in c_files(tree, (".h",)):
            self.shared.update(Path(tree.root, path).read_bytes())

    def of(self, path, ask):
        """ask() as it was, or is now. JSON keeps it."""
        key = self.shared.copy()
        key.update(path.encode() + Path(self.root, path).read_bytes())
        kept = self.folder / key.hexdigest()
        if kept.exists():
            return json.loads(kept.read_text(encoding="utf-8"))
        said = ask()
        whole = kept.with_suffix(".new")
        whole.write_text(json.dumps(said), encoding="utf-8")
        whole.replace(kept)
        return said


def check_tidy(tree, build, whole):
    """Not whole: without clang's static analyzer, which takes three times as long as the rest;
    gcc's is a check of its own."""
    less = [] if whole else ["--checks=-clang-analyzer-*"]
    paths = [path for path in c_files(tree, (".c",)) if not path.startswith("tests/")]
    seen = Seen(tree, build, "tidy", [
        Path(tree.root, ".clang-tidy").read_text(encoding="utf-8"), *less])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sorted({Finding(*finding) for found in pool.map(
            lambda path: seen.of(path, lambda: [
                (one.path, one.line, one.rule, one.text) for one in tidy(tree, build, path, less)]),
            paths) for finding in found})


def tidy(tree, build, path, options):
    ran = subprocess.run(["clang-tidy-14", "--quiet", *options, f"-p={build}", path], cwd=tree.root,
                         capture_output=True, text=True)
    found = [Finding(relative(tree, match["path"]), int(match["line"]), "tidy",
                     f"{match['text']} [{match['rule']}]")
             for match in SAID.finditer(ran.stdout) if match["rule"]]
    if ran.returncode and not found:
        found.append(Finding(path, 1, "tidy", (ran.stdout + ran.stderr).strip()[-300:]))
    return found


def check_cppcheck(tree, build):
    ran = subprocess.run(
        ["cppcheck", f"--project={build}/compile_commands.json", "--enable=warning,portability",
         "--inline-suppr", "--quiet", f"-j{os.cpu_count()}", f"-i{build}",
         "--suppress=missingIncludeSystem", "--suppress=unmatchedSuppression",
         f"--suppress=*:{build}/*", f"--suppress=*:{tree.root}/tests/*",
         "--template={file}:{line}: {severity}: {message} [{id}]"],
        cwd=tree.root, capture_output=True, text=True)
    return sorted({Finding(relative(tree, match["path"]), int(match["line"]), "cppcheck",
                           f"{match['text']} [{match['rule']}]")
                   for match in SAID.finditer(ran.stderr)})


def relative(tree, path):
    return os.path.relpath(os.path.join(tree.root, path), tree.root)
