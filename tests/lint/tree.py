"""What every check looks at: the tree's files, their lines, and findings about them.

A finding prints `FILE:LINE: rule: what to use instead`. A comment `allow RULE, because …` after
`lint:` allows one in its own line or, when it has a line to itself, in the next; an allowance that
nothing needs is itself a finding.
"""

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path

SKIPPED = {".git", "build", "node_modules", "__pycache__", "fixtures", "corpus"}
ALLOWANCE = re.compile(r"lint: allow ([a-z-]+)(, because \S.*)?")
C_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Source:
    """One text file. `path` is relative to the tree's root, with slashes."""

    def __init__(self, root, path):
        self.path = path
        self.full = Path(root, path)
        self.text = self.full.read_text(encoding="utf-8", errors="surrogateescape")
        self.lines = self.text.split("\n")
        self._code = None

    @property
    def is_c(self):
        return self.path.endswith((".c", ".h"))

    @property
    def is_python(self):
        return self.path.endswith(".py") or self.lines[0].startswith("#!/usr/bin/python3")

    @property
    def is_shell(self):
        first = self.lines[0]
        return self.path.endswith(".sh") or (first.startswith("#!") and first.endswith("sh"))

    def parsed(self):
        """The Python tree; raises SyntaxError."""
        return ast.parse(self.text)

    @property
    def code(self):
        """The C lines with comments gone and strings emptied; the line numbers stay."""
        if self._code is None:
            self._code = C_TEXT.sub(blank, self.text).split("\n")
        return self._code


def blank(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.sources = list(read_sources(self.root))

    def under(self, *prefixes):
        return [source for source in self.sources if source.path.startswith(prefixes)]

    def has(self, path):
        return Path(self.root, path).exists()


def read_sources(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(set(names) - SKIPPED):  # in a worktree .git is a file
            full = Path(folder, name)
            try:
                if full.is_file() and b"\0" not in full.read_bytes()[:4096]:
                    yield Source(root, full.relative_to(root).as_posix())
            except FileNotFoundError:
                pass  # another test's scratch file


def settle(tree, findings, rules):
    """Findings less those a line allows, plus allowances of these rules that nothing needs."""
    allowed = {}
    for source in tree.sources:
        for number, line in enumerate(source.lines, 1):
            match = ALLOWANCE.search(line)
            if match and match.group(1) in rules:
                number += line.lstrip().startswith(("#", "/"))
                allowed[(source.path, number, match.group(1))] = bool(match.group(2))
    kept, used = [], set()
    for finding in findings:
        key = (finding.path, finding.line, finding.rule)
        if allowed.get(key):
            used.add(key)
        else:
            kept.append(finding)
    for key, has_reason in sorted(allowed.items()):
        if not has_reason:
            kept.append(Finding(key[0], key[1], "allowance", "say why: `, because …`"))
        elif key not in used:
            kept.append(Finding(key[0], key[1], "allowance",
                                f"nothing here breaks {key[2]} any more: remove the comment"))
    return sorted(kept)
