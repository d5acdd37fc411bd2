"""How the sources are written: calls, lengths, columns, comments."""

import ast
import re

from tree import Finding

RULES = ("banned-call", "sleep", "function-length", "file-length", "columns", "unfinished",
         "header-comment", "pragma-once", "whitespace")

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
COLUMNS_MAX = 100

BANNED = {
    "strcpy": "memcpy with a size, or snprintf",
    "strncpy": "memcpy with a size, or snprintf (strncpy may leave no NUL)",
    "strcat": "snprintf at a counted offset",
    "strncat": "snprintf at a counted offset",
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "strtok": "strcspn and strspn",
    "atoi": "strtol with its end and errno checked",
    "atol": "strtol with its end and errno checked",
    "atoll": "strtoll with its end and errno checked",
    "atof": "strtod with its end checked",
    "gets": "fgets or getline",
    "alloca": "the turn's arena",
    "scanf": "getline and strtol",
    "sscanf": "strtol, strspn",
    "system": "fork and execve",
    "popen": "fork and execve",
    "rand": "keys_random",
    "random": "keys_random",
    "tmpnam": "mkdtemp or mkstemp",
    "mktemp": "mkdtemp or mkstemp",
    "signal": "sigaction",
    "setjmp": "returning an error",
    "longjmp": "returning an error",
    "gmtime": "gmtime_r, or kith_time_text",
    "localtime": "localtime_r",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
SLEEP_C = re.compile(r"\b(sleep|usleep|nanosleep|clock_nanosleep)\s*\(")
SLEEP_SCRIPT = re.compile(r"\btime\.sleep\b|\bsleep\s*\(|(^|[;&|]\s*|\s)sleep\s+[0-9.$]")
SLEEP_INSTEAD = "wait for an event with a deadline, never for a duration"
# lint: allow unfinished, because the next line must name them
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b")


def check(tree):
    findings = []
    for source in tree.sources:
        found = Findings(source)
        check_text(source, found)
        if source.is_c:
            check_c(source, found)
        elif source.is_python:
            check_python(source, found)
        elif source.is_shell:
            each_line(source.lines, SLEEP_SCRIPT, found, "sleep", SLEEP_INSTEAD)
        findings += found.items
    return findings


class Findings:
    def __init__(self, source):
        self.source = source
        self.items = []

    def __call__(self, line, rule, text):
        self.items.append(Finding(self.source.path, line, rule, text))


def each_line(lines, pattern, found, rule, text):
    for number, line in enumerate(lines, 1):
        if pattern.search(line):
            found(number, rule, text)


def check_text(source, found):
    each_line(source.lines, UNFINISHED, found, "unfinished", "finish it, or open an issue")
    written = source.is_c or source.is_python or source.is_shell
    page = source.path.endswith((".js", ".mjs", ".html", ".css")) and not is_taken_over(source)
    ours = written or page or source.path.endswith((".proto", ".cmake", "CMakeLists.txt", ".cfg"))
    if not ours:
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX:
            found(number, "columns", f"{len(line)} columns: break at {COLUMNS_MAX}")
        if line != line.rstrip():
            found(number, "whitespace", "remove the blanks at the end")
    if source.text and not source.text.endswith("\n"):
        found(len(source.lines), "whitespace", "end the file with a newline")
    if (written or page) and len(source.lines) > FILE_LINES_MAX + 1:
        found(FILE_LINES_MAX, "file-length",
              f"{len(source.lines) - 1} lines: a reader holds {FILE_LINES_MAX}; make two modules")


def is_taken_over(source):
    """Made by web/vendor/update out of what others wrote."""
    return "web/vendor/update" in source.lines[0]


def check_c(source, found):
    for number, line in enumerate(source.code, 1):
        for match in CALL.finditer(line):
            found(number, "banned-call", f"not {match.group(1)}: {BANNED[match.group(1)]}")
    each_line(source.code, SLEEP_C, found, "sleep", SLEEP_INSTEAD)
    has_header = source.path.endswith(".c") and source.full.with_suffix(".h").exists()
    if not has_header and not source.lines[0].startswith("/*"):
        found(1, "header-comment", "begin with what this file is for, who calls it, what it "
              "never does")
    if source.path.endswith(".h") and not re.search(r"^#pragma once$", source.text, re.M):
        found(1, "pragma-once", "add `#pragma once` under the header comment")
    for first, last in c_functions(source.code):
        check_length(first, last, found)


def check_length(first, last, found):
    length = last - first + 1
    if length > FUNCTION_LINES_MAX:
        found(first, "function-length",
              f"{length} lines: a function has one job and fits {FUNCTION_LINES_MAX}")


def c_functions(code):
    """(first, last) line of each function: its brace stands alone in the first column."""
    opened = None
    for number, line in enumerate(code, 1):
        if line.startswith("{"):
            opened = number
            while opened > 1 and code[opened - 2].strip() and code[opened - 2][0] not in "}#":
                opened -= 1
        elif line.startswith("}") and opened:
            yield opened, number
            opened = None


def check_python(source, found):
    each_line(source.lines, SLEEP_SCRIPT, found, "sleep", SLEEP_INSTEAD)
    try:
        tree = source.parsed()
    except SyntaxError:
        return  # texts.py says so
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            check_length(node.lineno, node.end_lineno, found)
