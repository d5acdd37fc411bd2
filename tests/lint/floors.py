"""Who may include what (ARCHITECTURE.md, floors), and that only programs log."""

import re

from tree import Finding

RULES = ("floor", "outside-library", "include", "thread", "log-in-library")

INCLUDE = re.compile(r'^\s*#\s*include\s*(<([^>]+)>|"([^"]+)")')

# assert.h for static_assert; its assert would show up in `nm -u`.
PURE_LIBC = {"assert.h", "stdint.h", "stddef.h", "stdbool.h", "string.h", "stdlib.h", "stdio.h",
             "limits.h", "inttypes.h", "stdarg.h", "stdalign.h"}
LIBC = PURE_LIBC | {
    "ctype.h", "dirent.h", "errno.h", "fcntl.h", "getopt.h", "iconv.h", "locale.h", "malloc.h",
    "math.h", "poll.h", "pwd.h", "setjmp.h", "signal.h", "strings.h", "termios.h", "time.h",
    "unistd.h", "dlfcn.h"}
LIBC_FOLDERS = ("sys/", "netinet/", "arpa/", "linux/", "net/")

# Each outside library's header, and the one file that may include it: in io/, but for GMime, which
# no process with a key may hold (mail/sandbox.h).
OUTSIDE = {
    "zmq.h": "io/link.c", "lmdb.h": "io/store.c", "libconfig.h": "io/conf.c",
    "sodium.h": "io/keys.c", "jansson.h": "io/json.c", "libical/ical.h": "io/calendar.c",
    "gnutls/gnutls.h": "io/tls.c", "gmime/gmime.h": "mail/mime.c",
    "curl/curl.h": "io/smtp.c",
}
# The files of io/link and io/zap share libzmq through one private header; what people prove
# themselves with is no business of the agencies' keys. Beside io/store stand its room and its look.
ALSO = {"zmq.h": {"io/link_private.h"}, "sodium.h": {"io/secret.c"},
        "lmdb.h": {"io/store_room.h", "io/store_look.h", "io/store_thread.h"}}
# One thread is our own, which shares nothing but a transaction that is handed over.
THREADS = {"pthread.h", "semaphore.h", "threads.h", "stdatomic.h"}
THREADED = "io/store_thread.c"

BASE = ("base/",)
IO = ("base/", "io/")
BROKER_PURE = ("base/", "broker/broker_core", "broker/policy.h", "broker/mailbox.h")
WORK_PURE = ("base/", "agents/work/", "agents/core/agent_core.h", "agents/core/tables.h")
CORE_PURE = ("base/", "agents/core/", "agents/work/work.h")

# The first matching room counts. pure: only the libc headers that bring no outside thing.
ROOMS = (
    # room (start of the path)    may include                                     pure
    ("base/", BASE, True),
    ("io/", IO, False),
    ("broker/broker_core", BROKER_PURE, True),
    ("broker/policy", BROKER_PURE, True),
    ("broker/mailbox.h", BASE, True),
    ("broker/", ("base/", "io/", "broker/"), False),
    ("agents/core/", CORE_PURE, True),
    ("agents/work/", WORK_PURE, True),
    ("agents/cli/", ("base/", "io/", "agents/cli/"), False),
    ("agents/", ("base/", "io/", "agents/core/", "agents/work/", "agents/store/", "agents/api/",
                 "agents/agent_"), False),
    ("web/", ("base/", "io/", "web/"), False),
    ("mail/", ("base/", "io/", "mail/"), False),
)

# Programs log; library rooms return errors.
LOGGERS = re.compile(r"(^|/)main\.c$|_loop(_[a-z]+)?\.[ch]$|^io/log\.[ch]$|^tests/")


def check(tree):
    findings = []
    for source in tree.sources:
        if not source.is_c:
            continue
        findings += check_includes(tree, source)
        findings += check_log(source)
    return findings


def includes(source):
    # Strings are emptied in `code`; a line that is a comment there is none here.
    for number, (line, code) in enumerate(zip(source.lines, source.code), 1):
        match = INCLUDE.match(line)
        if match and code.strip():
            yield number, match.group(2), match.group(3)


def check_includes(tree, source):
    findings = []
    room = next((room for room in ROOMS if source.path.startswith(room[0])), None)
    outside = set()
    for number, system, local in includes(source):
        def found(rule, text):
            findings.append(Finding(source.path, number, rule, text))
        if system in OUTSIDE:
            outside.add(system)
            if room and not owns(source.path, system):
                found("outside-library", f"only {OUTSIDE[system]} includes <{system}>: use "
                      + OUTSIDE[system].replace(".c", ".h"))
            elif len(outside) > 1:
                found("outside-library", "one outside library a file: split it")
        elif room and system in THREADS and source.path != THREADED:
            found("thread", f"only {THREADED} has a thread: an event loop does one thing after "
                  "another")
        elif room and system and system not in THREADS:
            check_system(room, system, found)
        elif local:
            check_local(tree, room, local, found, source)
    return findings


def owns(path, header):
    owner = OUTSIDE[header]
    return path == owner or path in ALSO.get(header, ())


def check_system(room, header, found):
    if header.startswith("protobuf-c/"):
        return
    if room[2] and header not in PURE_LIBC:
        found("floor", f"{room[0]} is pure: what <{header}> brings comes in as an event or a door")
    elif header not in LIBC and not header.startswith(LIBC_FOLDERS):
        found("include", f"<{header}> is unknown here: name its one owner in tests/lint/floors.py")


def check_local(tree, room, header, found, source):
    made = header.endswith((".pb-c.h", "fuzz_types.h"))  # by protoc-c, by CMake
    if made or (room is None and (source.full.parent / header).exists()):
        return
    if not tree.has(header):
        found("include", f'"{header}" is not a file: include from the root, as "base/err.h"')
    elif room and not header.startswith(room[1]):
        found("floor", f"{room[0]} may stand on {', '.join(room[1])} only, not on {header}")


def check_log(source):
    if LOGGERS.search(source.path):
        return []
    return [Finding(source.path, number, "log-in-library",
                    "only a main or a loop logs: return an error or an effect instead")
            for number, line in enumerate(source.code, 1) if re.search(r"\blog_event\s*\(", line)]
