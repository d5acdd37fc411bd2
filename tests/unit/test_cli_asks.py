"""What each command of `kith` asks the agent, and what it prints and ends with.

Usage: test_cli_asks.py KITH PROTO_FOLDER
"""

import json
import socket
import sys
import unittest
import uuid

from cli_asking import (HOUSEHOLD, NOTICE, NOW, Case, agreeable, api, kith, ok, shown, status,
                        submitted)


class Drafts(Case):
    def test_refer(self):
        draft = self.draft("refer", "--to", "early-help", "--household", HOUSEHOLD, "--need", "n",
                           "--service", "s", "--need-code", "nc", "--reason", "r", "--urgency",
                           "amber", "--basis", "public-task", "--agreed", "yes", "--family-told",
                           "no: danger", "--medical-consent", "not-applicable", "--about",
                           "crm/T:1:child", "--about", "crm/2", "--earlier", NOTICE,
                           "--author", "duty worker")
        self.assertEqual(draft, api.Draft(
            household=HOUSEHOLD.bytes, to=["early-help"], author="duty worker",
            referral=kith.Referral(
                need="n", need_code="nc", service="s", reason="r", urgency="amber",
                earlier=NOTICE.bytes,
                basis=kith.Basis(data_protection="public-task", agreed_to_service="yes",
                                 medical_consent="not-applicable", family_told="no: danger"),
                about=[kith.About(ref=kith.Reference(system="crm", id="T:1"), role="child"),
                       kith.About(ref=kith.Reference(system="crm", id="2"))])))

    def test_accept_and_decline(self):
        self.assertEqual(self.draft("accept", NOTICE, "--next-step", "visit", "--note", "n"),
                         api.Draft(referral_answer=kith.ReferralAnswer(
                             referral=NOTICE.bytes, step=kith.REFERRAL_ACCEPTED, next_step="visit",
                             note="n")))
        self.assertEqual(self.draft("decline", NOTICE, "--reason", "full", "--next-step", "x"),
                         api.Draft(referral_answer=kith.ReferralAnswer(
                             referral=NOTICE.bytes, step=kith.REFERRAL_DECLINED,
                             reason_code="full", next_step="x")))

    def test_steps_of_a_referral(self):
        say = {"needs_information": ("ask", dict(note="who?")),
               "information": ("inform", dict(note="the grandmother")),
               "redirected": ("redirect", dict(redirected_to="health", reason_code="c",
                                               next_step="x", note="n")),
               "in_progress": ("begin", dict(note="n", next_step="x")),
               "stepped_up": ("step-up", dict(level="4", reason_code="c")),
               "stepped_down": ("step-down", dict(level="2", note="n")),
               "withdrawn": ("withdraw", dict(reason_code="c")),
               "closed": ("close", dict(outcome="c", need_met="yes"))}
        options = {"redirected_to": "to", "reason_code": "reason"}
        for step, (verb, fields) in say.items():
            words = [word for field, value in fields.items() for word in
                     ("--" + options.get(field, field).replace("_", "-"), value)]
            self.assertEqual(self.draft("referral", verb, NOTICE, *words),
                             api.Draft(referral_answer=kith.ReferralAnswer(
                                 referral=NOTICE.bytes, **fields,
                                 step=getattr(kith, "REFERRAL_" + step.upper()))))
        self.assertEqual(self.draft("accept", NOTICE, "--part", "p").referral_answer.step,
                         kith.REFERRAL_PARTLY_ACCEPTED)
        self.assertEqual(self.draft("referral", "close", NOTICE, "--outcome", "c", "--not-asked",
                                    "moved").referral_answer.not_asked, "moved")
        self.ask("referral", "close", NOTICE, wanted=64)
        self.ask("referral", "ask", NOTICE, wanted=64)

    def test_alert_with_a_duration_counts_from_the_agents_clock(self):
        draft = self.draft("alert", "--household", HOUSEHOLD, "--subject", "s", "--text", "t",
                           "--reply-by", "2h", "--to", "police,,health", "--to", "housing")
        self.assertEqual(draft, api.Draft(
            household=HOUSEHOLD.bytes, to=["police", "health", "housing"],
            alert=kith.Alert(subject="s", text="t", reply_by_ms=1774746000000 + 7200000)))

    def test_what_becomes_of_an_alert(self):
        for words, wanted in (
                (("update", "--text", "t", "--subject", "s", "--level", "l", "--reply-by",
                  "2026-03-29T03:00:00Z"),
                 kith.AlertChange(step=kith.ALERT_UPDATED, text="t", subject="s", level="l",
                                  reply_by_ms=1774753200000)),
                (("cancel", "--reason", "r"),
                 kith.AlertChange(step=kith.ALERT_CANCELLED, reason="r")),
                (("exercise", "--reason", "r"),
                 kith.AlertChange(step=kith.ALERT_EXERCISE, reason="r")),
                (("close", "--outcome", "child-seen", "--text", "t"),
                 kith.AlertChange(step=kith.ALERT_CLOSED, outcome="child-seen", text="t"))):
            wanted.alert = NOTICE.bytes
            self.assertEqual(self.draft("alert", words[0], NOTICE, *words[1:]),
                             api.Draft(alert_change=wanted))
        self.ask("alert", "close", NOTICE, wanted=64)

    def test_disagreements(self):
        said = kith.Disagreement
        self.assertEqual(self.draft("disagree", NOTICE, "--text", "t"), api.Draft(
            disagreement=said(decision=NOTICE.bytes, step=kith.DISAGREEMENT_RAISED, text="t")))
        for words, wanted in (
                (("answer", "--text", "t"), said(step=kith.DISAGREEMENT_ANSWERED, text="t")),
                (("escalate",), said(step=kith.DISAGREEMENT_ESCALATED)),
                (("resolve", "--outcome", "o"),
                 said(step=kith.DISAGREEMENT_RESOLVED, outcome="o")),
                (("withdraw", "--text", "t"), said(step=kith.DISAGREEMENT_WITHDRAWN, text="t"))):
            wanted.disagreement = NOTICE.bytes
            self.assertEqual(self.draft("disagreement", words[0], NOTICE, *words[1:]),
                             api.Draft(disagreement=wanted))

    def test_the_same_alert_again_is_said_to_be_an_update(self):
        def updating(request):
            if request.WhichOneof("ask") != "submit":
                return agreeable(request)
            return ok(submit=api.SubmitResponse(id=NOTICE.bytes, updates=HOUSEHOLD.bytes))

        agent, ran = self.ask("alert", "--household", HOUSEHOLD, "--subject", "s", "--text", "t",
                              "--dedupe-key", "missing/17", "--level", "concern", "--reply-by",
                              "2026-03-29T03:00:00Z", answer=updating)
        draft = agent.asks("submit")[0].draft
        self.assertEqual((draft.alert.dedupe_key, draft.alert.level), ("missing/17", "concern"))
        self.assertIn(f"an update of the open alert {HOUSEHOLD}".encode(), ran.stdout)

    def test_alert_with_a_token_needs_the_time_itself(self):
        alert = ("alert", "--household", HOUSEHOLD, "--subject", "s", "--text", "t", "--token",
                 "mine")
        self.ask(*alert, "--reply-by", "2h", wanted=64)
        agent, _ = self.ask(*alert, "--reply-by", "2026-03-29T03:00:00Z")
        (submit,) = agent.asks("submit")
        self.assertEqual(submit.token, b"mine")
        self.assertEqual(submit.draft.alert.reply_by_ms, 1774753200000)

    def test_reply(self):
        self.assertEqual(self.draft("reply", NOTICE, "cannot-share", "--reason", "court order"),
                         api.Draft(reply=kith.Reply(alert=NOTICE.bytes, reason="court order",
                                                    answer=kith.ANSWER_CANNOT_SHARE)))
        self.assertEqual(self.draft("reply", NOTICE, "nothing-known", "--text", "t").reply.answer,
                         kith.ANSWER_NOTHING_KNOWN)
        self.ask("reply", NOTICE, "cannot-share", wanted=64)
        self.ask("reply", NOTICE, "maybe", wanted=64)
        self.ask("reply", NOTICE, "unspecified", wanted=64)

    def test_assessments(self):
        self.assertEqual(
            self.draft("assessment", "request", "--household", HOUSEHOLD, "--kind", "early-help",
                       "--reason", "r", "--ask", "a,b", "--due", "30d", "--despite",
                       "assessment-exists"),
            api.Draft(household=HOUSEHOLD.bytes, despite=["assessment-exists"],
                      assessment=kith.Assessment(
                          step=kith.ASSESSMENT_REQUESTED, kind="early-help", reason="r",
                          asked=["a", "b"], due_ms=1774746000000 + 30 * 86400000)))
        say = {"contribute": dict(step=kith.ASSESSMENT_CONTRIBUTED, text="t", section="health",
                                  family_view="f"),
               "complete": dict(step=kith.ASSESSMENT_COMPLETED, text="t", family_view="f"),
               "withdraw": dict(step=kith.ASSESSMENT_WITHDRAWN, reason="r")}
        for verb, fields in say.items():
            words = [word for field, value in fields.items() if field != "step" for word in
                     ("--summary" if (verb, field) == ("complete", "text") else
                      "--" + field.replace("_", "-"), value)]
            self.assertEqual(self.draft("assessment", verb, NOTICE, *words),
                             api.Draft(assessment=kith.Assessment(assessment=NOTICE.bytes,
                                                                  **fields)))
        self.ask("assessment", "show", NOTICE, wanted=65)

    def test_plans(self):
        outcome = [kith.PlanOutcome(id=uuid.UUID(int=n << 64 | 0xabcdef).bytes) for n in (1, 2)]

        def planned(request):
            if request.WhichOneof("ask") == "plan":
                return ok(plan=api.PlanView(household=HOUSEHOLD.bytes, outcomes=outcome))
            return agreeable(request)

        self.assertEqual(
            self.draft("plan", "outcome", "add", HOUSEHOLD, "--text", "t", "--owner", "a", "--by",
                       "2026-06-01", "--need-code", "n", "--expects", "x,y.*"),
            api.Draft(household=HOUSEHOLD.bytes, plan=kith.Plan(outcomes=[kith.PlanOutcome(
                text="t", owner="a", by_ms=1780272000000, need_code="n", expects=["x", "y.*"])])))
        change = ("plan", "outcome", "change", HOUSEHOLD)
        agent, _ = self.ask(*change, uuid.UUID(bytes=outcome[1].id), "--state", "met",
                            "--need-met", "yes", answer=planned)
        self.assertEqual(list(agent.asks("submit")[0].draft.plan.outcomes), [kith.PlanOutcome(
            id=outcome[1].id, state=kith.OUTCOME_STATE_MET, need_met="yes")])
        self.ask(*change, "abcdef", "--reason", "r", answer=planned, wanted=64)  # fits two
        self.ask(*change, "123456", "--reason", "r", answer=planned, wanted=66)
        self.ask(*change, "abcdef", "--state", "unspecified", answer=planned, wanted=64)
        self.assertEqual(self.draft("plan", "review", HOUSEHOLD, "--next", "42d", "--family-view",
                                    "f").plan,
                         kith.Plan(review_ms=1774746000000 + 42 * 86400000, family_view="f"))

    def test_small_help(self):
        ask = ("small-help", "ask", "--household", HOUSEHOLD, "--what", "a fare", "--amount")
        self.assertEqual(self.draft(*ask, "12.50", "--pot", "p", "--reason", "r"),
                         api.Draft(household=HOUSEHOLD.bytes, small_help=kith.SmallHelp(
                             step=kith.SMALL_HELP_ASKED, what="a fare", amount=1250, pot="p",
                             reason="r")))
        for text, pence in (("12", 1200), ("0.05", 5), ("99999999.99", 9999999999)):
            self.assertEqual(self.draft(*ask, text).small_help.amount, pence)
        for text in ("", "12.5", "12.500", "12,50", "-1", "£12", ".50", "1e3", "12.", "999999999"):
            _, ran = self.ask(*ask[:-1], f"--amount={text}", wanted=64)
            self.assertIn(b"--amount is in pounds, as 12.50", ran.stderr)
        say = {"approve": dict(step=kith.SMALL_HELP_APPROVED, amount=1000),
               "decline": dict(step=kith.SMALL_HELP_DECLINED, reason="r"),
               "spent": dict(step=kith.SMALL_HELP_SPENT, amount=1000),
               "withdraw": dict(step=kith.SMALL_HELP_WITHDRAWN, reason="r")}
        for verb, fields in say.items():
            words = ["--amount", "10.00"] if "amount" in fields else ["--reason", "r"]
            self.assertEqual(self.draft("small-help", verb, NOTICE, *words),
                             api.Draft(small_help=kith.SmallHelp(help=NOTICE.bytes, **fields)))
        self.ask("small-help", "spent", NOTICE, wanted=64)
        self.ask("small-help", "show", NOTICE, wanted=65)
        agent, _ = self.ask("pot", "joined-up", answer=lambda r: ok(pot=api.PotResponse()))
        self.assertEqual(agent.asks("pot"), [api.PotRequest(pot="joined-up")])

    def test_seen(self):
        self.assertEqual(self.draft("seen", NOTICE, "--person", "p"),
                         api.Draft(seen=kith.Seen(notice=NOTICE.bytes, person="p")))

    def test_what_became_of_it_is_printed(self):
        _, ran = self.ask("seen", NOTICE)
        self.assertEqual(ran.stdout.decode(), f"{NOTICE}  stored here, for housing, health\n")
        _, ran = self.ask("seen", NOTICE, answer=lambda request: submitted(repeat=True))
        self.assertIn("(it was before)", ran.stdout.decode())
        _, ran = self.ask("seen", NOTICE, "--json")
        self.assertEqual(json.loads(ran.stdout), {"id": str(NOTICE), "repeat": False,
                                                  "recipients": ["housing", "health"],
                                                  "front_door": False})


class Mails(Case):
    MAIL = dict(id=NOTICE.bytes, kind="reply", why="answer-unclear", text="we shall see",
                **{"from": "duty@housing.example"})

    def mail(self, *words, wanted=0, **more):
        """The draft that arrives when the agent holds this mail, and what was printed."""
        def answer(request):
            if request.WhichOneof("ask") == "mail":
                return ok(mail=api.Mail(**self.MAIL, **more))
            return agreeable(request)
        return self.ask("mail", *words, answer=answer, wanted=wanted)

    def test_show(self):
        reply = api.Draft(reply=kith.Reply(alert=HOUSEHOLD.bytes))
        agent, ran = self.mail("show", str(NOTICE)[-12:], draft=reply)
        self.assertEqual(agent.asks("mail"), [api.MailRequest(short_id=str(NOTICE)[-12:])])
        for word in (str(NOTICE), "answer-unclear", "duty@housing.example", str(HOUSEHOLD)):
            self.assertIn(word, ran.stdout.decode())
        alert = api.Draft(alert=kith.Alert(subject="s"), household=HOUSEHOLD.bytes)
        _, ran = self.mail("show", NOTICE, draft=alert, ended_ms=NOW, ended_by="ada",
                           became=NOTICE.bytes)
        for word in ("an alert", "ended by", "became"):
            self.assertIn(word, ran.stdout.decode())
        _, ran = self.mail("show", NOTICE, "--json")
        self.assertEqual(json.loads(ran.stdout)["why"], "answer-unclear")
        self.mail("show", "12", wanted=64)
        self.ask("mail", "show", NOTICE, answer=lambda request: status(), wanted=75)

    def test_send(self):
        reply = api.Draft(reply=kith.Reply(alert=HOUSEHOLD.bytes, text="t"))
        agent, _ = self.mail("send", NOTICE, "--answer", "cannot-share", "--reason", "r", "--text",
                             "u", draft=reply)
        (asked,) = agent.asks("submit")
        self.assertEqual(asked.mail, NOTICE.bytes)
        self.assertEqual(asked.draft.reply, kith.Reply(
            alert=HOUSEHOLD.bytes, answer=kith.ANSWER_CANNOT_SHARE, reason="r", text="u"))
        self.mail("send", NOTICE, "--answer", "perhaps", draft=reply, wanted=64)
        alert = api.Draft(alert=kith.Alert(subject="s", text="t"))
        agent, _ = self.mail("send", NOTICE, "--household", HOUSEHOLD, "--subject", "u", "--text",
                             "v", "--reply-by", "2026-03-29T17:00:00Z", "--json", draft=alert)
        (asked,) = agent.asks("submit")
        self.assertEqual(asked.draft, api.Draft(household=HOUSEHOLD.bytes, alert=kith.Alert(
            subject="u", text="v", reply_by_ms=1774803600000)))
        agent, _ = self.mail("send", NOTICE, draft=alert)
        self.assertEqual(agent.asks("submit")[0].draft, alert)
        self.mail("send", NOTICE, wanted=65)
        self.ask("mail", "send", NOTICE, answer=lambda request: status(), wanted=75)


class Others(Case):
    def test_links(self):
        for verb, wanted in (("link", {}), ("unlink", {"undo": True}),
                             ("not-same", {"not_the_same": True})):
            agent, _ = self.ask("household", verb, HOUSEHOLD, "crm/T/1", "--why", "w")
            self.assertEqual(agent.asks("link"), [api.LinkRequest(
                ref=kith.Reference(system="crm", id="T/1"), household=HOUSEHOLD.bytes, why="w",
                **wanted)])
        agent, _ = self.ask("household", "not-same", HOUSEHOLD, "crm/1", "--undo", "--why", "w")
        (undone,) = agent.asks("link")
        self.assertEqual((undone.undo, undone.not_the_same), (True, True))
        for bad in ("crm", "/1", "crm/"):
            self.ask("household", "link", HOUSEHOLD, bad, "--why", "w", wanted=64)
        self.ask("household", "link", HOUSEHOLD, "crm/1", wanted=64)  # why is not said

    def test_subscribe(self):
        agent, ran = self.ask("subscribe", "concern", "--token", "t")
        self.assertEqual(agent.asks("subscribe"), [api.SubscribeRequest(topic="concern",
                                                                        token=b"t")])
        self.assertEqual(ran.stdout, b"Subscribed to:\n  concern\n")
        agent, _ = self.ask("unsubscribe", "concern")
        self.assertTrue(agent.asks("subscribe")[0].end)

    def offer(self, *arguments):
        agent, ran = self.ask("offer", *arguments, "--token", "t")
        self.assertEqual(ran.stdout, b"Everyone in the partnership is told.\n")
        (asked,) = agent.asks("offer")
        self.assertEqual(asked.token, b"t")
        asked.token = b""
        return asked

    def test_offer(self):
        self.assertEqual(
            self.offer("service", "s", "--name", "n", "--what", "w", "--needs", "a,b", "--whom",
                       "f", "--not-whom", "g", "--where", "h", "--hours", "i", "--places", "12",
                       "--free", "3"),
            api.OfferRequest(service=kith.Service(
                id="s", name="n", what="w", needs=["a", "b"], whom="f", not_whom="g", where="h",
                hours="i", counted=True, places=12, free=3)))
        self.assertEqual(self.offer("service", "s"), api.OfferRequest(service=kith.Service(id="s")))
        self.assertTrue(self.offer("service", "s", "--free", "0").service.counted)
        self.ask("offer", "service", "s", "--places", "3", wanted=64)
        self.ask("offer", "service", "s", "--free", "many", wanted=64)
        self.assertEqual(self.offer("knows", "debt", "--role", "r"),
                         api.OfferRequest(knows=kith.Knows(subject="debt", role="r")))
        self.ask("offer", "knows", "debt", wanted=64)
        self.assertEqual(self.offer("reach", "--phone", "1", "--duty-role", "r"),
                         api.OfferRequest(phone="1", duty_role="r"))
        self.assertEqual(self.offer("end", "--service", "s"),
                         api.OfferRequest(service=kith.Service(id="s"), end=True))
        self.assertEqual(self.offer("end", "--knows", "debt"),
                         api.OfferRequest(knows=kith.Knows(subject="debt"), end=True))
        self.ask("offer", "end", wanted=64)

    def test_find(self):
        agent, ran = self.ask("find", "domestic", "abuse")
        self.assertEqual(agent.asks("find"), [api.FindRequest(need="domestic abuse")])
        self.assertEqual(ran.stdout,
                         b"Nobody says that they can help with that: try another word.\n")
        self.ask("find", wanted=64)

    def test_exercise_clock(self):
        agent, ran = self.ask("exercise", "clock", "2026-04-01T09:00:00Z")
        self.assertEqual(agent.asks("clock"), [api.ClockRequest(now_ms=1775034000000)])
        self.assertIn(b"2026-04-01T09:00:00Z", ran.stdout)
        self.ask("exercise", "clock", "soon", wanted=64)

    def test_on_behalf_of(self):
        agent, _ = self.ask("inbox", "--on-behalf-of", "duty")
        self.assertEqual(agent.asked[0].on_behalf_of, "duty")

    def test_feed(self):
        agent, ran = self.ask("feed", HOUSEHOLD, "--from", "2026-03-01", "--limit", "5")
        self.assertEqual(agent.asks("feed"), [api.FeedRequest(
            household=HOUSEHOLD.bytes, limit=5, by_time=True, from_ms=1772323200000)])
        self.assertEqual(ran.stdout, b"Nothing has arrived.\n")
        agent, _ = self.ask("feed", "--after", "7", "--front-door")
        self.assertEqual(agent.asks("feed"), [api.FeedRequest(after=7, limit=100,
                                                              front_door=True)])
        self.ask("feed", HOUSEHOLD, "--by-time")
        self.ask("feed", "--by-time", wanted=64)
        self.ask("feed", "--limit", "many", wanted=64)
        self.ask("feed", "--limit", "-1", wanted=64)
        self.ask("feed", "--limit", "0", wanted=64)

    def pages(self, request):
        """A feed of 3,000 entries."""
        if request.WhichOneof("ask") == "status":
            return status(feed_entries=3000)
        after = request.feed.after
        last = min(after + request.feed.limit, 3000)
        entries = [api.FeedEntry(seq=seq, id=NOTICE.bytes, origin="police")
                   for seq in range(after + 1, last + 1)]
        return ok(feed=api.FeedResponse(entries=entries, cursor=last, more=last < 3000))

    def seqs(self, *arguments):
        """What was asked (after, limit), and the places of what was printed."""
        agent, ran = self.ask("feed", "--json", *arguments, answer=self.pages)
        return ([(one.after, one.limit) for one in agent.asks("feed")],
                [json.loads(line)["seq"] for line in ran.stdout.splitlines()])

    def test_feed_goes_on_page_by_page(self):
        self.assertEqual(self.seqs("--limit", "1500", "--after", "10"),
                         ([(10, 1000), (1010, 500)], list(range(11, 1511))))

    def test_feed_shows_the_last_unless_told_where_to_begin(self):
        self.assertEqual(self.seqs("--limit", "1200"),
                         ([(1800, 1000), (2800, 1000)], list(range(1801, 3001))))
        self.assertEqual(self.seqs(HOUSEHOLD), ([(0, 1000), (1000, 1000), (2000, 1000)],
                                                list(range(2901, 3001))))
        self.assertEqual(self.seqs("--limit", "5000")[1], list(range(1, 3001)))

    def test_short_ids_are_looked_up(self):
        agent, _ = self.ask("seen", "0000BBBB")
        self.assertEqual(agent.asks("show"), [api.ShowRequest(short_id="0000bbbb")])
        self.assertEqual(agent.asks("submit")[0].draft.seen.notice, NOTICE.bytes)
        agent, _ = self.ask("household", "team", "add", "00aaaa", "a")
        self.assertEqual(agent.asks("household"), [api.HouseholdRequest(short_id="00aaaa")])
        self.assertEqual(agent.asks("submit")[0].draft.household, HOUSEHOLD.bytes)
        for bad in ("abc", "0000bbbg", "not-an-id", str(NOTICE) + "0", ""):
            self.ask("seen", bad, wanted=64)

    def test_watch_goes_on_from_the_cursor(self):
        def arriving(request):
            if request.WhichOneof("ask") == "status":
                return status(feed_entries=2)
            if request.WhichOneof("ask") == "feed":  # two were replaced: the end is at 4
                return ok(feed=api.FeedResponse(cursor=request.feed.after + 1,
                                                more=request.feed.after < 3))
            seq = request.watch.after + 1
            return ok(feed=api.FeedResponse(cursor=seq, entries=[
                api.FeedEntry(seq=seq, id=NOTICE.bytes, origin="police", summary="s",
                              flags=["late"])]))

        agent, ran = self.ask("watch", "--count", "2", "--json", answer=arriving)
        self.assertEqual([one.after for one in agent.asks("watch")], [4, 5])
        self.assertEqual([json.loads(line)["seq"] for line in ran.stdout.splitlines()], [5, 6])
        agent, ran = self.ask("watch", "--count", "1", "--after", "0", answer=arriving)
        self.assertEqual([one.after for one in agent.asks("watch")], [0])
        self.assertEqual(ran.stdout, b"00000000bbbb  -  police    s  [late]\n")

    def test_settle_waits_until_nothing_is_owed(self):
        def settling(request):
            if request.WhichOneof("ask") == "watch":
                return ok(feed=api.FeedResponse(cursor=request.watch.after))
            left = 3 - len(agents[-1].asks("status"))
            return status(owed=[api.Owed(agency="housing", stored_here=max(left, 0))])

        agents = self.desk.agents
        agent, ran = self.ask("settle", answer=settling)
        self.assertEqual(len(agent.asks("status")), 3)
        self.assertEqual(ran.stdout, b"Nothing is owed to anyone.\n")
        _, ran = self.ask("settle", "--timeout", "1ms", "--json", wanted=75, answer=lambda request:
                          status(owed=[api.Owed(agency="housing", at_the_hub=2)]))
        self.assertEqual(json.loads(ran.stdout), {"settled": False, "owed": 2})

    def test_alert_waits_for_every_answer(self):
        def replying(request):
            kind = request.WhichOneof("ask")
            if kind == "show":
                answered = len(agents[-1].asks("show")) > 2
                return shown(board=api.AlertBoard(rows=[
                    api.AlertBoardRow(agency="police", answer=kith.ANSWER_ACTING),
                    api.AlertBoardRow(agency="health", overdue=late, answer=kith.ANSWER_ACTING
                                      if answered and not late else 0)]))
            if kind == "watch":
                return ok(feed=api.FeedResponse(cursor=request.watch.after))
            return agreeable(request)

        agents, late = self.desk.agents, False
        alert = ("alert", "--household", HOUSEHOLD, "--subject", "s", "--text", "t", "--reply-by",
                 "2h", "--wait")
        agent, ran = self.ask(*alert, answer=replying)
        self.assertEqual(len(agent.asks("watch")), 2)
        self.assertIn(f"{NOTICE}  stored here".encode(), ran.stdout)
        self.assertIn(b"Everyone asked has answered.", ran.stdout)
        late = True
        _, ran = self.ask(*alert, answer=replying, wanted=75)
        self.assertIn(b"No answer yet from health (overdue).", ran.stdout)


class Answers(Case):
    def test_statuses_are_exit_statuses(self):
        for code, wanted in ((api.STATUS_INVALID, 65), (api.STATUS_CONFLICT, 65),
                             (api.STATUS_AMBIGUOUS, 65), (api.STATUS_NOT_FOUND, 66),
                             (api.STATUS_FULL, 75), (api.STATUS_NOT_ALLOWED, 77), (99, 75)):
            def answer(request, code=code):
                return api.Response(status=code, what="the reason", rule="r")

            _, ran = self.ask("inbox", answer=answer, wanted=wanted)
            self.assertEqual((ran.stdout, ran.stderr), (b"", b"kith: the reason (rule r)\n"))
            _, ran = self.ask("inbox", "--json", answer=answer, wanted=wanted)
            self.assertEqual(json.loads(ran.stderr), {"error": "the reason", "rule": "r"})

    def test_no_answer_is_unknown_and_tells_how_to_ask_again(self):
        quiet = ("--timeout", "50ms")
        _, ran = self.ask("inbox", *quiet, answer=lambda request: None, wanted=75)
        self.assertEqual(ran.stderr, b"kith: no answer in time: ask again\n")

        def deaf(request):
            return agreeable(request) if request.WhichOneof("ask") != "submit" else None

        agent, ran = self.ask("alert", "--household", HOUSEHOLD, "--subject", "s", "--text", "t",
                              "--reply-by", "2h", *quiet, answer=deaf, wanted=75)
        token = agent.asks("submit")[0].token.decode()
        self.assertIn(f"unknown; the same again with --token {token} "
                      "--reply-by 2026-03-29T03:00:00Z", ran.stderr.decode())

    def test_other_answers(self):
        _, ran = self.ask("inbox", answer=lambda request: status(), wanted=75)
        self.assertIn(b"of another kind", ran.stderr)
        # A late answer to an earlier request is not taken for this one's.
        late = [api.Response(id=900, status=api.STATUS_NOT_FOUND), ok(inbox=api.InboxResponse())]
        _, ran = self.ask("inbox", answer=lambda request: [*late], wanted=0)

    def test_nobody_there(self):
        for path in (self.desk.path("none.sock"), self.desk.write("file", "")):
            ran = self.desk.run("status", "--agent", path)
            self.assertEqual(ran.returncode, 75)
            self.assertIn(b"no agent at", ran.stderr)
        agent = self.desk.agent(agreeable)
        agent.close()
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(agent.path)
        ran = self.desk.run("status", "--agent", agent.path)
        self.assertEqual(ran.returncode, 75)
        self.assertIn(b"no agent at", ran.stderr)

    def test_which_agent(self):
        agent = self.desk.agent(agreeable)
        config = self.desk.write("agent.cfg", 'api = { socket = "agent-0.sock"; };\nagency = "a";')
        self.assertEqual(self.desk.run("inbox", "--config", config).returncode, 0)
        variables = {"KITH_AGENT": agent.path}
        self.assertEqual(self.desk.run("inbox", environment=variables).returncode, 0)
        self.assertEqual(self.desk.run("inbox", "--config", self.desk.write("x.cfg", "a = 1;"))
                         .returncode, 78)
        self.assertEqual(self.desk.run("inbox", "--agent", "x", environment=variables).returncode,
                         75)
        none = self.desk.write("none.cfg", 'api = { socket = "none.sock"; };')
        self.assertEqual(self.desk.run("inbox", "--config", none, environment=variables)
                         .returncode, 75)

    def test_what_the_agent_would_not_read_is_not_sent(self):
        for text in ("\udcff", "a" * 65537):
            agent, ran = self.ask("household", "open", "--name", text, "--reason", "r", wanted=65)
            self.assertEqual(agent.asks("submit"), [])
            self.assertIn(b"kith: name: not UTF-8, or over a limit", ran.stderr)

    def test_an_answer_to_no_number_is_the_answer(self):
        def unread(request):
            return api.Response(status=api.STATUS_INVALID, what="no Request").SerializeToString()

        _, ran = self.ask("inbox", answer=unread, wanted=65)
        self.assertEqual(ran.stderr, b"kith: no Request\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
