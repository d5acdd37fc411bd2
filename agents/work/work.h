/* The work: what notices mean to the people of one agency. Pure code over the transaction.
 *
 * Called by the agent's core (apply, outcome), and by agents/api (prepare, queries). Never sees a
 * socket, a key or a clock; time and random ids come in. A notice's writes are dropped as a whole
 * when apply does not end with KITH_OK (base/writeset.h).
 *
 * Files:
 *   work.c       the door, and one table of kinds: a new kind is one file and one line there
 *   check.c      is a draft, or an opened notice, well formed
 *   route.c      who must receive
 *   event.c      something that happened
 *   referral.c   with referral_answer.c (its steps), referral_life.c (what they come to)
 *   alert.c      with alert_reply.c, alert_change.c (its steps), alert_life.c (what they come to),
 *                alert_climb.c (silence), alert_mute.c (a higher alert), alert_board.c
 *   disagreement.c  with disagreement_life.c
 *   household.c  with household_check.c, household_apply.c, household_carry.c (who joins is told),
 *                household_close.c, merge.c (as it is held), lead.c (never without one),
 *                join.c (what crosses with a seat)
 *   assessment.c, plan.c, small_help.c: what a team does together, with _life, _held, _show
 *   seen.c       with unseen.c
 *   directory.c  what an agency says of itself, with directory_offer.c and directory_find.c
 *   link.c       own references
 *   feed.c       what came, with fold.c (one entry an incident), looked.c and groups.c (what is
 *                fresh), query.c (what may be asked)
 *   snooze.c     what people keep out of the feed for a while
 *   round.c      what people are told, and when
 *   load.c       events counted; underlap.c: needs nobody carries, or two do
 *   rules.c      what the partnership wants to be asked; expected.c: what is to have come
 *   task.c       what waits for a person
 *   mail.c       mails that wait for one, and mails that reached nobody
 *   tick.c       time passes
 *   view.c       rows by name */
#pragma once

#include "agents/core/agent_core.h"
#include "agents/core/tables.h"
#include "api.pb-c.h"
#include "base/id.h"

/* When this agency's people are told what is new: of what is urgent `wait_ms` after the first of
 * it, and not again within the interval; of the rest at the digest's hour; of what nobody has
 * looked at again after the repeat interval. */
#define WORK_NO_DIGEST (-1)
typedef struct work_rounds {
    int64_t wait_ms, interval_ms, repeat_ms;
    int32_t digest_ms; /* local time of day, by the agency's calendar; or WORK_NO_DIGEST */
    bool working_days; /* the digest comes on these only */
} work_rounds_t;

typedef struct work {
    const char *agency; /* this one */
    const kith_agreement_t *agreement;
    kith_hash_f *hash;
    const work_rounds_t *rounds; /* NULL: nobody is told */
} work_t;

/* Doors for agent_core. `self` is a work_t. */
kith_err work_apply(void *self, kith_txn_t *txn, kith_arena_t *arena,
                    const agent_received_t *received, Kith__Reason *ret_reason);
kith_err work_outcome(void *self, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_outcome_t *outcome);

/* A refusal in words: the rule's name, and what would be allowed. Texts may be in the arena. */
typedef struct work_refusal {
    const char *rule;
    const char *what;
} work_refusal_t;

/* A draft made into a notice with its recipients: fills topic, origin, times, household (by this
 * agency's own links), lane, expiry. An event goes to the subscribers of its topic ∪ the
 * household's team ∪ the lead's agency, each narrowed by the agreement; with the front door in
 * place of a household that is not known; or to exactly those named in `to`, who must all be
 * permitted. A referral goes to one, an alert to those asked and its topic's subscribers, an
 * answer to who asked (a reply also to the lead), a change to the team before and after it, an
 * assessment to those it asks and the team, small help to the pot's holder and the team, an
 * acknowledgement to the origin, a directory entry to everyone. Nobody at all is refused, unless
 * nobody else is concerned.
 * KITH_INVALID, KITH_DENIED, KITH_NOT_FOUND, KITH_CONFLICT: *ret_refusal says why. */
typedef struct work_prepared {
    Kith__Notice *notice;
    int lane;
    const char *topic_class;
    size_t recipients_count;
    const char **recipients; /* without this agency */
    const char **clauses;
    bool front_door;
} work_prepared_t;

kith_err work_prepare(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__Draft *draft, const kith_id_t *id, const char *author,
                      int64_t now_ms, work_prepared_t *ret_prepared, work_refusal_t *ret_refusal);

/* Is an opened notice what its type demands, whoever sent it? KITH_INVALID with a reason. */
kith_err work_check(const Kith__Notice *notice, Kith__Reason *ret_reason);

/* Time has passed: tasks for what is overdue. *ret_next_ms: when to come again (INT64_MAX: never).
 */
kith_err work_tick(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, int64_t now_ms,
                   int64_t *ret_next_ms);

/* A start, or a new partnership file: what follows from it is looked for in the next ticks, so come
 * again at once. */
kith_err work_agreement(const work_t *self, kith_txn_t *txn, kith_arena_t *arena);

/* Queries. They write nothing; agents/api records the look first. All pages are bounded. */
/* KITH_INVALID: by_time without household or front_door, or both of these; KITH_NOT_FOUND: by_time
 * after an entry that is not there. `silent` is not filled. user: for whom entries are fresh. */
kith_err work_feed(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *user,
                   const Kith__Api__FeedRequest *ask, Kith__Api__FeedResponse *ret);
kith_err work_groups(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *user,
                     const Kith__Api__GroupsRequest *ask, Kith__Api__GroupsResponse *ret);
kith_err work_snoozes(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__SnoozesRequest *ask, Kith__Api__SnoozesResponse *ret);
/* The number of the last; 0: none. */
kith_err work_tellings_end(const work_t *self, kith_txn_t *txn, uint64_t *ret_seq);
kith_err work_tellings(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Api__TellingsRequest *ask, int64_t now_ms,
                       Kith__Api__TellingsResponse *ret);
kith_err work_inbox(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                    const Kith__Api__InboxRequest *ask, Kith__Api__InboxResponse *ret);
/* id empty: the newest 1,000, without links. KITH_NOT_FOUND: no such household. */
kith_err work_households(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                         Kith__Api__HouseholdResponse *ret);
/* KITH_NOT_FOUND: no such alert here. `delivery` is not filled. */
kith_err work_board(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t alert,
                    int64_t now_ms, Kith__Api__AlertBoard **ret_board);
/* KITH_NOT_FOUND: no such referral here. */
kith_err work_referral(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       kith_bytes_t referral, Kith__Api__ReferralState **ret_state);
/* What agencies offer for a need, by its code or by words, and who knows about it; the best first.
 * KITH_INVALID: no need was said. */
kith_err work_find(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__FindRequest *ask, int64_t now_ms, Kith__Api__FindResponse *ret,
                   work_refusal_t *ret_refusal);
/* KITH_NOT_FOUND: no such assessment here. */
kith_err work_assessment(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         kith_bytes_t assessment, Kith__Api__AssessmentState **ret_state);
/* KITH_NOT_FOUND: the household has no plan. */
kith_err work_plan(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t household,
                   int64_t now_ms, Kith__Api__PlanView *ret_view);
/* KITH_NOT_FOUND: no such small help here. */
kith_err work_small_help(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         kith_bytes_t help, Kith__Api__SmallHelpState **ret_state);
/* pot "": all. KITH_NOT_FOUND: the partnership has no such pot. */
kith_err work_pots(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *pot,
                   Kith__Api__PotResponse *ret);
/* KITH_NOT_FOUND: no such disagreement here. */
kith_err work_disagreement(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           kith_bytes_t disagreement, int64_t now_ms,
                           Kith__Api__DisagreementState **ret_state);
kith_err work_seen_by(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t notice,
                      size_t *ret_count, Kith__Api__SeenBy ***ret_seen);
/* Events of the household in whole days of UTC, from the one of from_ms to the one before to_ms (0:
 * no end). KITH_NOT_FOUND: no such household. */
kith_err work_load(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t household,
                   int64_t from_ms, int64_t to_ms, int64_t now_ms, Kith__Api__LoadResponse *ret);
kith_err work_counts(const work_t *self, kith_txn_t *txn, uint64_t *ret_tasks_open,
                     uint64_t *ret_feed, uint64_t *ret_front_door);

/* Changes to this agency's own view only; nothing is sent. */
kith_err work_link(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__LinkRequest *ask, const char *user, int64_t now_ms,
                   Kith__Api__Link *ret_link, work_refusal_t *ret_refusal);
/* KITH_INVALID, KITH_NOT_FOUND: *ret_refusal says why. *ret_fresh: what is left, at most 1,000. */
kith_err work_looked(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     const Kith__Api__LookedRequest *ask, const char *user, uint64_t *ret_fresh,
                     work_refusal_t *ret_refusal);
/* Sets a snooze, or ends one early. KITH_INVALID, KITH_NOT_FOUND, KITH_CONFLICT: *ret_refusal says
 * why. A tick is due afterwards. */
kith_err work_snooze(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     const Kith__Api__SnoozeRequest *ask, const char *user, int64_t now_ms,
                     Kith__Api__Snooze *ret_snooze, work_refusal_t *ret_refusal);
/* A person ends the open tasks of a notice. KITH_CONFLICT: one of them asks for an answer, nothing
 * is ended; KITH_NOT_FOUND: none is open; KITH_INVALID: a field breaks a limit. */
kith_err work_done(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__DoneRequest *ask, const char *user, int64_t now_ms,
                   uint32_t *ret_ended, work_refusal_t *ret_refusal);
/* A mail is kept, once, and waits for a person. KITH_INVALID: *ret_refusal says why. */
kith_err work_mail_in(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__Mail *mail, int64_t now_ms, bool *ret_repeat,
                      work_refusal_t *ret_refusal);
/* KITH_NOT_FOUND: there is no such mail. */
kith_err work_mail(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                   Kith__Api__Mail **ret_mail);
/* It became that notice and waits no longer. KITH_NOT_FOUND: there is no such mail. */
kith_err work_mail_became(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                          kith_bytes_t notice, const char *user, int64_t now_ms);
/* What a mail told did not reach who was to have it. KITH_INVALID, KITH_NOT_FOUND: *ret_refusal.
 * A tick is due afterwards. *ret_climbed: the next role has been told. */
kith_err work_undelivered(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                          const Kith__Api__UndeliveredRequest *ask, int64_t now_ms,
                          bool *ret_climbed, work_refusal_t *ret_refusal);
/* This agency's directory entry with one topic more or less, as a draft to submit. */
kith_err work_subscribe(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                        const Kith__Api__SubscribeRequest *ask, int64_t now_ms,
                        Kith__Api__Draft *ret_draft, work_refusal_t *ret_refusal);
/* The same with one service or subject more, changed or less, or another way to reach it. What a
 * service's change leaves out stays; a person has looked at it now. */
kith_err work_offer(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                    const Kith__Api__OfferRequest *ask, int64_t now_ms, Kith__Api__Draft *ret_draft,
                    work_refusal_t *ret_refusal);
kith_err work_record_look(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                          const char *user, kith_bytes_t household, kith_bytes_t notice,
                          const char *what, int64_t now_ms);
