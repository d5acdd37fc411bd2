"""What the tests of `kith`'s questions share: agreeable agents, and drafts as they arrive there.

A test is started with KITH PROTO_FOLDER.
"""

import sys
import unittest
import uuid

import cli_agent

KITH, PROTO = sys.argv[1:3]
kith, api = cli_agent.load(PROTO)

HOUSEHOLD = uuid.UUID("01995f30-0000-7000-8000-00000000aaaa")
NOTICE = uuid.UUID("01995f30-0000-7000-8000-00000000bbbb")
NOW = 1774746000500  # 2026-03-29T01:00:00.5Z


def ok(**answer):
    return api.Response(status=api.STATUS_OK, **answer)


def status(**more):
    return ok(agent=api.StatusResponse(agency="police", name="Exampleshire Police", now_ms=NOW,
                                       partnership="exampletown", partnership_version=3, epoch=1,
                                       boot=7, **more))


def submitted(repeat=False):
    return ok(submit=api.SubmitResponse(id=NOTICE.bytes, recipients=["housing", "health"],
                                        repeat=repeat))


def shown(notice=None, **more):
    notice = notice or kith.Notice(id=NOTICE.bytes, origin="police", topic="alert")
    return ok(show=api.ShowResponse(notice=notice.SerializeToString(), mine=True, **more))


def agreeable(request):
    """An agent that does whatever it is asked."""
    return {
        "submit": submitted, "status": status, "show": shown,
        "household": lambda: ok(household=api.HouseholdResponse(
            households=[api.HouseholdView(id=HOUSEHOLD.bytes)])),
        "link": lambda: ok(link=api.Link(household=HOUSEHOLD.bytes)),
        "subscribe": lambda: ok(subscribe=api.SubscribeResponse(topics=[request.subscribe.topic])),
        "clock": lambda: ok(clock=api.ClockResponse(now_ms=request.clock.now_ms)),
        "feed": lambda: ok(feed=api.FeedResponse()),
        "inbox": lambda: ok(inbox=api.InboxResponse()),
        "offer": lambda: ok(offer=api.OfferResponse(id=NOTICE.bytes)),
        "find": lambda: ok(find=api.FindResponse()),
    }[request.WhichOneof("ask")]()


class Case(unittest.TestCase):
    def setUp(self):
        self.desk = cli_agent.Desk(KITH, api)
        self.addCleanup(self.desk.close)

    def ask(self, *arguments, answer=agreeable, wanted=0, **options):
        """Runs it at an agent of its own: (the agent, the finished command)."""
        agent = self.desk.agent(answer)
        ran = self.desk.run(*arguments, agent=agent, **options)
        self.assertEqual(ran.returncode, wanted, ran.stderr.decode())
        return agent, ran

    def draft(self, *arguments, **options):
        """The one draft that was submitted."""
        agent, _ = self.ask(*arguments, **options)
        (submit,) = agent.asks("submit")
        return submit.draft
