/* The agent's tables. One list: LMDB names, ids and who writes each. Keys are built by base/key.h;
 * the records are in proto/store.proto. */
#pragma once

/* X(NAME, "lmdb name")                     key -> record                                  writer */
#define AGENT_TABLES(X)                                                                            \
    X(META, "meta")               /* "agent" -> AgentMeta                              core */     \
    X(NOTICES, "notices")         /* notice id -> StoredNotice                         core */     \
    X(TOKENS, "tokens")           /* client token -> Token                             core */     \
    X(DEBTS, "debts")             /* notice id, recipient -> Debt                      core */     \
    X(UNSEALED, "unsealed")       /* lane, order -> Unsealed                           core */     \
    X(OUT_STREAMS, "out_streams") /* lane, recipient, its epoch -> OutStream           core */     \
    X(OUT, "out")                 /* lane, recipient, its epoch, n -> OutSlot          core */     \
    X(ENVELOPES, "envelopes")     /* lane, seq -> OutEnvelope                          core */     \
    X(ENVELOPES_LEFT, "envelopes_left") /* lane, seq -> u32: see envelope_release      core */     \
    X(IN_STREAMS, "in_streams") /* origin, its epoch, lane, own epoch -> InStream    core */       \
    X(TAKEN, "taken")           /* …, n -> TakenRow                                  core */     \
    X(PARKED, "parked")         /* …, n -> ParkedRow                                 core */     \
    X(QUARANTINE, "quarantine") /* …, n -> QuarantineRow                             core */     \
    X(EVIDENCE, "evidence")     /* u64 -> EvidenceRow                                core */       \
    X(APPLIED, "applied")       /* origin, notice id -> u8 outcome                   core */       \
    X(OWED, "owed")             /* recipient -> OwedRow (its `seen` is work's)       core */       \
    X(EXPIRIES, "expiries")     /* i64 expires, notice id, recipient -> empty        core */       \
    X(PEERS, "peers")           /* recipient -> its epoch when last seen             core */       \
    X(HOUSEHOLDS, "households") /* household id -> HouseholdRow                      work */       \
    X(LEADS_LOOK, "leads_look") /* "next" -> household looked at last: a round is on work */       \
    X(LINKS, "links")           /* system, id (, household: not the same) -> LinkRow work */       \
    X(LINKS_OF, "links_of")     /* household, key of the link -> empty               work */       \
    X(FEED, "feed")             /* seq -> FeedRow                                    work */       \
    X(FEED_BY_HOUSEHOLD, "feed_by_household") /* household, i64 occurred, seq -> empty     work */ \
    X(FEED_BY_ARRIVAL, "feed_by_arrival")     /* household, seq -> empty                   work */ \
    X(FEED_BY_INCIDENT, "feed_by_incident")   /* see fold.c                             work */    \
    X(FEED_BY_REF, "feed_by_ref")     /* system, id, seq -> empty                          work */ \
    X(FEED_OF, "feed_of")             /* notice id -> seq                                  work */ \
    X(TASKS, "tasks")                 /* seq -> TaskRow                                    work */ \
    X(TASKS_OPEN, "tasks_open")       /* seq -> empty                                      work */ \
    X(TASKS_OF, "tasks_of")           /* notice id, kind, agency -> seq                    work */ \
    X(MAILS, "mails")                 /* mail id -> MailRow                                work */ \
    X(REFERRALS, "referrals")         /* notice id -> ReferralRow                          work */ \
    X(DISAGREEMENTS, "disagreements") /* notice id -> DisagreementRow                      work */ \
    X(DISAGREEMENTS_DUE, "disagreements_due") /* i64 due, notice id -> empty               work */ \
    X(REFERRALS_DUE, "referrals_due") /* i64 due, notice id -> empty                   work */     \
    X(ALERTS, "alerts")               /* notice id -> AlertRow                             work */ \
    X(ALERTS_DUE, "alerts_due")       /* i64 reply by, notice id -> empty: own alerts      work */ \
    X(ALERTS_CLIMB, "alerts_climb")   /* i64 next step, notice id -> empty               work */   \
    X(ASSESSMENTS, "assessments")     /* notice id -> AssessmentRow                  work */       \
    X(ASSESSMENTS_OF, "assessments_of")   /* household, notice id -> empty               work */   \
    X(ASSESSMENTS_DUE, "assessments_due") /* i64 due, notice id -> empty               work */     \
    X(PLANS, "plans")             /* household -> PlanRow                              work */     \
    X(PLANS_DUE, "plans_due")     /* i64 review, household -> empty: where we lead     work */     \
    X(HELPS, "helps")             /* notice id -> SmallHelpRow                         work */     \
    X(HELPS_OPEN, "helps_open")   /* notice id -> empty                                work */     \
    X(POTS, "pots")               /* pot -> PotRow                                     work */     \
    X(ALERTS_OPEN, "alerts_open") /* household, or system, id; notice id -> empty      work */     \
    X(ALERT_KEYS, "alert_keys")   /* own dedupe key -> notice id of the newest         work */     \
    X(LOAD, "load")               /* household, i64 day, agency, topic, code -> LoadDayRow  */     \
    X(LOAD_OF, "load_of")         /* agency, incident -> notice id that counts         work */     \
    X(NEEDS, "needs")             /* household, need, notice id of a referral -> empty work */     \
    X(RULES, "rules")             /* rule, household, need -> RuleRow                  work */     \
    X(RULES_DUE, "rules_due")     /* i64 next look, key of the rule -> empty           work */     \
    X(SEEN, "seen")               /* notice id, agency -> SeenRow                      work */     \
    X(DIRECTORY, "directory")     /* agency -> DirectoryRow                            work */     \
    X(LOOKS, "looks")             /* seq -> LookRow                                    api  */     \
    X(LOOKED, "looked")           /* user, household -> LookedRow                  work */         \
    X(SNOOZES, "snoozes")         /* seq -> SnoozeRow                              work */         \
    X(SNOOZES_DUE, "snoozes_due") /* i64 until, seq -> empty                       work */         \
    X(SNOOZED, "snoozed")         /* snooze seq, feed seq -> empty                 work */         \
    X(ROUNDS, "rounds")           /* household -> RoundRow                         work */         \
    X(ROUNDS_DUE, "rounds_due")   /* i64 next, household -> empty                  work */         \
    X(TELLINGS, "tellings")       /* seq -> TellingRow                             work */         \
    X(SEQUENCES, "sequences")     /* name -> u64: last number given, or a count        work */

enum {
#define X(id, name) AGENT_TABLE_##id,
    AGENT_TABLES(X)
#undef X
        AGENT_TABLES_COUNT
};
