"""`kith publish` and `kith import` against an agent of the tests: many in flight, bad lines named,
nothing twice. Usage: test_cli_publish.py KITH PROTO_FOLDER MAPS_FOLDER FIXTURES_FOLDER
"""

import json
import sys
import unittest

import cli_agent

KITH, PROTO, MAPS, FIXTURES = sys.argv[1:5]
kith, api = cli_agent.load(PROTO)
WINDOW = 256


def event(number, **more):
    return json.dumps({"topic": "t", "kind": "k", "occurred": "2026-03-29T01:00:00Z",
                       "narrative": str(number), **more})


class Store:
    """Knows its tokens as an agent does."""

    def __init__(self):
        self.drafts = {}

    def __call__(self, request):
        if request.WhichOneof("ask") == "status":
            return api.Response(status=api.STATUS_OK, agent=api.StatusResponse())
        token, draft = request.submit.token, request.submit.draft
        repeat = token in self.drafts
        if repeat and self.drafts[token] != draft:
            return api.Response(status=api.STATUS_CONFLICT, what="other content")
        self.drafts[token] = draft
        return api.Response(status=api.STATUS_OK, submit=api.SubmitResponse(repeat=repeat))

    def narratives(self):
        return [draft.event.narrative for draft in self.drafts.values()]


class Case(unittest.TestCase):
    def setUp(self):
        self.desk = cli_agent.Desk(KITH, api)
        self.addCleanup(self.desk.close)
        self.store = Store()
        self.agent = self.desk.agent(self.store)

    def run_it(self, *arguments, wanted=0, agent=None, **options):
        ran = self.desk.run(*arguments, agent=agent or self.agent, **options)
        self.assertEqual(ran.returncode, wanted, ran.stderr.decode())
        return ran.stdout.decode(), ran.stderr.decode()


class Publish(Case):
    def test_lines_are_published_once(self):
        lines = "\n".join([event(1), "", event(2), event(1), event(3, source={"system": "s",
                                                                              "id": "3"})])
        said, _ = self.run_it("publish", text=lines)
        self.assertEqual(said, "4 published, 0 already there, 0 refused\n")
        said, _ = self.run_it("publish", "--json", self.desk.write("lines", lines + "\n"))
        self.assertEqual(json.loads(said), {"published": 0, "already": 4, "refused": 0,
                                            "left_out": 0})
        self.assertEqual(self.store.narratives(), ["1", "2", "1", "3"])

    def test_bad_lines_are_named_and_the_others_go_in(self):
        lines = "\n".join([event(1), "{", event(2, color="red"), event(3, minutes="5"),
                           "x" * (1024 * 1024 + 1), event(6)])
        said, errors = self.run_it("publish", text=lines, wanted=65)
        self.assertEqual(said, "2 published, 0 already there, 4 refused\n")
        self.assertEqual(self.store.narratives(), ["1", "6"])
        where = [line.split(" ")[1:3] for line in errors.splitlines()]
        self.assertEqual(where, [["input:2:", "no"], ["input:3:", "color:"],
                                 ["input:4:", "minutes:"], ["input:5:", "a"]])

    def test_a_text_over_the_limit_is_named_and_the_others_go_in(self):
        long = json.loads(event(2)) | {"narrative": "n" * 65537}
        _, why = self.run_it("publish", wanted=65, text="\n".join([
            event(1), json.dumps(long), event(3)]))
        self.assertIn("input:2: narrative: not UTF-8, or over a limit", why)
        self.assertEqual(self.store.narratives(), ["1", "3"])

    def test_what_the_agent_refuses_is_named_by_its_line(self):
        source = {"system": "s", "id": "1"}
        self.run_it("publish", text=event(1, source=source))
        _, errors = self.run_it("publish", text=event(0) + "\n" + event(2, source=source),
                                wanted=65)
        self.assertEqual(errors, "standard input:2: other content\n")

    def test_refused_for_want_of_permission(self):
        def strict(request):
            if request.WhichOneof("ask") == "status":
                return self.store(request)
            return api.Response(status=api.STATUS_NOT_ALLOWED, what="clause 4.1")

        agent = self.desk.agent(strict)
        self.run_it("publish", text=event(1), wanted=77, agent=agent)
        self.run_it("publish", text=event(1) + "\nx", wanted=65, agent=agent)
        unknown = self.desk.agent(lambda request: api.Response(status=api.STATUS_NOT_ALLOWED,
                                                               what="unknown user"))
        said, errors = self.run_it("publish", text=event(1), wanted=77, agent=unknown)
        self.assertEqual((said, errors), ("", "kith: unknown user\n"))

    def test_a_full_agent_ends_the_run(self):
        def full(request):
            if request.WhichOneof("ask") == "status" or len(self.store.drafts) < 2:
                return self.store(request)
            return api.Response(status=api.STATUS_FULL, what="the disk is full")

        lines = "\n".join(event(n) for n in range(5))
        said, errors = self.run_it("publish", text=lines, wanted=75, agent=self.desk.agent(full))
        self.assertIn("2 published", said)
        self.assertEqual(errors, "kith: the disk is full: run the same again, nothing is published "
                                 "twice\n")
        said, _ = self.run_it("publish", text=lines)
        self.assertEqual(said, "3 published, 2 already there, 0 refused\n")

    def test_a_window_is_in_flight_and_no_more(self):
        held = []

        def slow(request):
            if request.WhichOneof("ask") == "status":
                return self.store(request)
            answer = self.store(request)
            answer.id = request.id
            held.append(answer)
            if len(held) < WINDOW:
                return None  # answered together, the last one first
            together, held[:] = held[::-1], []
            return together

        lines = "\n".join(event(n) for n in range(2 * WINDOW))
        said, _ = self.run_it("publish", text=lines, agent=self.desk.agent(slow))
        self.assertEqual(said, f"{2 * WINDOW} published, 0 already there, 0 refused\n")

    def test_no_answer_in_time(self):
        def deaf(request):
            return self.store(request) if request.WhichOneof("ask") == "status" else None

        _, errors = self.run_it("publish", "--timeout", "50ms", text=event(1), wanted=75,
                                agent=self.desk.agent(deaf))
        self.assertIn("no answer in time: run the same again", errors)

    def test_a_dry_run_asks_nobody(self):
        said, errors = self.run_it("publish", "--dry-run", text=event(1) + "\nx", wanted=65)
        self.assertEqual(json.loads(said), json.loads(event(1)))
        self.assertIn("1 would be published, 1 refused", errors)
        self.assertEqual(self.agent.asked, [])

    def test_files_that_are_not_there(self):
        self.run_it("publish", "no-such-file", wanted=66)
        self.run_it("publish", self.desk.folder.name, wanted=66)
        self.assertEqual(self.agent.asks("submit"), [])


class Import(Case):
    def test_an_export_is_published_once(self):
        arguments = ("import", "--map", f"{MAPS}/housing-plain.cfg",
                     f"{FIXTURES}/import/housing.csv")
        said, errors = self.run_it(*arguments, wanted=65)
        self.assertEqual(said, "3 published, 0 already there, 5 refused, 1 left out by the map\n")
        self.assertEqual([line.split("housing.csv:")[1].split(":")[0]
                          for line in errors.splitlines()], ["6", "7", "8", "9", "10"])
        said, _ = self.run_it(*arguments, wanted=65)
        self.assertIn("0 published, 3 already there", said)

    def test_equal_records_without_an_id_stay_two(self):
        arguments = ("import", "--map", f"{MAPS}/uk-police-street-csv.cfg",
                     f"{FIXTURES}/import/street.csv")
        for wanted in ("3 published, 0 already", "0 published, 3 already"):
            said, _ = self.run_it(*arguments, wanted=65)
            self.assertIn(wanted, said)

    def test_json_of_the_police_api(self):
        said, _ = self.run_it("import", "--map", f"{MAPS}/uk-police-street.cfg", "--json",
                              f"{FIXTURES}/uk-police/street_crime_api_sample.json")
        self.assertEqual(json.loads(said)["published"], 15)

    def test_what_a_dry_run_prints_can_be_published(self):
        arguments = ("import", "--map", f"{MAPS}/uk-police-street.cfg",
                     f"{FIXTURES}/uk-police/street_crime_api_sample.json")
        lines, _ = self.run_it(*arguments, "--dry-run")
        self.run_it(*arguments)
        said, _ = self.run_it("publish", text=lines)
        self.assertEqual(said, "0 published, 15 already there, 0 refused\n")

    def test_an_export_without_a_date_is_given_one(self):
        arguments = ("import", "--map", f"{MAPS}/housing-alert-codes.cfg",
                     f"{FIXTURES}/housing-alert-codes/person_alert_sample.tsv")
        self.run_it(*arguments, wanted=64)
        self.run_it(*arguments, "--occurred", "soon", wanted=64)
        self.run_it(*arguments, "--occurred", "2026-03-01")
        self.assertEqual({draft.event.occurred_ms for draft in self.store.drafts.values()},
                         {1772323200000})
        self.run_it("import", "--map", f"{MAPS}/housing-plain.cfg", "--occurred", "2026-03-01",
                    f"{FIXTURES}/import/housing.csv", wanted=64)

    def test_what_is_wrong_before_anything_is_sent(self):
        plain = ("import", "--map", f"{MAPS}/housing-plain.cfg")
        good = "reference,date,what,tenancy,minutes,notes,protect\n"
        row = "H-1,01/01/2026,VISIT,T,1,n,N\n"
        street = ("import", "--map", f"{MAPS}/uk-police-street.cfg")
        cases = (
            (plain, good.replace("notes", "note") + row, 65, ':1: the map reads column "notes"'),
            (plain, good.replace("notes", "date") + row, 65, "more than once"),
            (plain, "", 65, ":1: the file is empty"),
            (plain, '"' + good + row, 65, ":1: a quote is opened"),
            (street, '[{"id": 1, "category": "a", "month": "2026-01"}]', 65,
             'reads "location.street.name", which no record has'),
            (("import", "--map", "no-such.cfg"), good, 78, "no-such.cfg"),
        )
        for arguments, text, wanted, says in cases:
            _, errors = self.run_it(*arguments, self.desk.write("export", text), wanted=wanted)
            self.assertIn(says, errors)
        self.run_it(*plain, "no-such-file", wanted=66)
        self.assertEqual(self.agent.asks("submit"), [])

    def test_a_broken_list_keeps_what_came_before(self):
        one = ('{"id": %d, "category": "a", "month": "2026-01", "location": {"street": '
               '{"name": "x"}}, "outcome_status": {"category": "y"}}')
        text = "[" + one % 1 + ",\n" + one % 2 + ",\n{broken"
        said, errors = self.run_it("import", "--map", f"{MAPS}/uk-police-street.cfg", "-",
                                   text=text, wanted=65)
        self.assertIn("2 published, 0 already there, 1 refused", said)
        self.assertIn("standard input:3: ", errors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
