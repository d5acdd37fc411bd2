"""A mail made to hurt its reader, or to be read in two ways, is doubtful, and kith-mail goes on."""

from mail_house import Reader, letter, ran

MIB = 1024 * 1024
HEAD = b"From: duty@police.example\nTo: alerts@kith.example\nMessage-ID: <1@police.example>\n"


def nested(depth):
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"
                   for n in range(depth))
    return HEAD + head.encode() + b"Content-Type: text/plain\n\nacting\n"


def parts(count):
    part = b"--b\nContent-Type: text/plain\n\nacting\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * count + b"--b--\n"


DOUBTFUL = {
    "3,000 parts in each other": nested(3000),
    "100,000 parts": parts(100_000),
    "a header of 1 MiB": HEAD + b"X-Long: " + b"x" * MIB + b"\n\nacting\n",
    "24 MiB of one letter": HEAD + b"\n" + b"x\n" * (12 * MIB),
    "24 MiB of tags": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * (24 * MIB // 5),
    "two senders": b"From: night@police.example\n" + HEAD + b"\nacting\n",
    "two in one sender": HEAD.replace(b"\n", b", night@police.example\n", 1) + b"\nacting\n",
    "a NUL": HEAD + b"\nact\0ing\n",
    "a carriage return alone": HEAD + b"\nacting\r.\r\n",
    "two kinds of line ends": HEAD + b"\r\nacting\r\n.\nnot\r\n",
    "a line that is no field": HEAD + b"no field\n\nacting\n",
    "two types": letter("acting", more="Content-Type: text/html\n"),
    "two types of a part": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                           b"Content-Type: text/plain\nContent-Type: text/html\n\nacting\n--b--\n",
    "bytes that are no characters": letter(b"acting \xff\xfe"),
    "a charset that is none": HEAD + b"Content-Type: text/plain; charset=x-none\n\nacting\n",
    "nothing": b"",
}


def main():
    reader = Reader()
    for what, mail in DOUBTFUL.items():
        verdict = reader.read(mail)
        if verdict["kind"] != "doubtful" or not verdict["doubt"]:
            raise AssertionError(f"{what}: {str(verdict)[:500]}")
    done = ran(reader.config, "--read", mail=HEAD + b"\n" + b"x" * (25 * MIB))
    if done.returncode != 65 or b"25 MiB" not in done.stderr:
        raise AssertionError(f"larger than a mail may be: {done}"[:500])
    if reader.read(letter("acting"))["kind"] != "new":
        raise AssertionError("a plain mail is a plain mail")


main()
