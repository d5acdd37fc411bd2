"""The OpenAPI document is whole in itself, has every request of api.proto, and what the server
answers fits it."""

import re
from pathlib import Path

import jsonschema

from house import CANARY, ROOT, holds, same
from web_house import run_web

ASKS = re.compile(r"message Request \{.*?oneof ask \{(.*?)\}", re.S)
MEMBER = re.compile(r"^\s+\w+Request (\w+) = \d+;", re.M)
JSON = "application/json"


def asks():
    text = Path(ROOT, "proto", "api.proto").read_text(encoding="utf-8")
    return MEMBER.findall(ASKS.search(text).group(1))


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def lookup(document, reference):
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


class Checker:
    def __init__(self, document):
        self.document = document
        self.resolver = jsonschema.RefResolver("", document)

    def schema(self, method, path):
        response = self.document["paths"][path][method]["responses"]["200"]
        if "$ref" in response:
            response = lookup(self.document, response["$ref"])
        return response["content"][JSON]["schema"]

    def fits(self, method, path, answer):
        same(answer.status, 200, f"{path}: {answer.body}")
        # The document says what may be there; here also that nothing else is.
        schema = self.schema(method, path)
        jsonschema.Draft202012Validator(schema, resolver=self.resolver).validate(answer.json)
        self.known(schema, answer.json, path)

    def known(self, schema, value, where):
        if "$ref" in schema:
            schema = lookup(self.document, schema["$ref"])
        if isinstance(value, dict):
            for name, one in value.items():
                holds(name in schema["properties"], f"{where}.{name} stands in the document")
                self.known(schema["properties"][name], one, f"{where}.{name}")
        elif isinstance(value, list):
            for one in value:
                self.known(schema["items"], one, where)


def is_whole(document):
    same(document["openapi"], "3.1.0", "its version")
    for reference in set(references(document)):
        lookup(document, reference)
    names = [operation["operationId"] for item in document["paths"].values()
             for operation in item.values()]
    same(len(names), len(set(names)), "each operation has a name of its own")
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for ask in asks():
        holds("post" in document["paths"][f"/{ask}"], f"{ask} stands there")
    holds(len(asks()) > 15, "the requests were found in api.proto")


def behaviour(house):
    house.open()
    web = house.web("police")
    client = web.client(web.token())
    document = web.client().get("openapi.json").json
    is_whole(document)
    check = Checker(document)
    family = house.household("police", team=("housing",))
    alert = {"draft": {"household": family, "alert": {
        "subject": CANARY, "text": CANARY, "reply_by": "2030-01-01T00:00:00Z"}}}
    made = client.post("submit", alert, "alert")
    check.fits("post", "/submit", made)
    house.settle()
    for ask in ("feed", "watch?wait_ms=0", "inbox", "household", "status",
                f"show?id={made.json['id']}", f"feed?household={family}&by_time=true"):
        check.fits("get", f"/{ask.split('?')[0]}", client.get(ask))
    check.fits("get", "/session", client.get("session"))
    problem = jsonschema.Draft202012Validator(document["components"]["schemas"]["Problem"])
    for answer in (client.get("nothing"), client.get("show?short_id=000000000000"),
                   client.post("submit", {"draft": {"topic": "nothing"}}, "k"),
                   web.client().get("feed")):
        problem.validate(answer.json)
        same(answer.json["type"], f"urn:kith:rule:{answer.rule}", "a problem's type")


run_web(behaviour)
