"""mail.cfg of one agency, for the demo and the tests: the one place where they say its settings."""

SETTINGS = """\
agent = "{agent}";
user = "mail";
address = "{address}";
server = "{server}";
maildir = "{maildir}";
state = "{state}";
key = "{key}";
{page}smtp = {{ url = "{url}"; {smtp}}};
people = ( {people} );
"""


def mail_config(address, people="", *, agent="agent.sock", server="mx.example", maildir="in",
                state="state", key="key", page="", url="smtp://127.0.0.1:1", smtp=""):
    """Paths are taken from the file's own folder. people: groups, as text; smtp: further settings
    of that group."""
    page = f'page = "{page}";\n' if page else ""
    return SETTINGS.format(agent=agent, address=address, server=server, maildir=maildir,
                           state=state, key=key, page=page, url=url, smtp=smtp, people=people)
