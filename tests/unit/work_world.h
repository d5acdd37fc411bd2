/* Agencies' work in a small world: each with its own tables in memory; what one submits is applied
 * to its own view, and to others' when the test delivers it.
 *
 * Agencies: police, housing, social-care (the front door), health, school, and charity, which left.
 * Class `event` may go to police, housing and social-care only; `private` to nobody; everything
 * else to everyone. social-care may subscribe to all, housing to police.call-out, school to
 * police.arrest. */
#pragma once

#include "agents/core/tables.h"
#include "agents/work/work.h"
#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

#include <string.h>

#define START_MS INT64_C(1767225600000) /* 2026-01-01 */
#define MINUTE   INT64_C(60000)
#define DAY      INT64_C(86400000)

/* Names are borrowed: literals. */
#define NAME(text) ((char *)(uintptr_t)(text))

typedef struct world_node {
    work_t work;
    memtxn_t *store;
} world_node_t;

#define WORLD_NODES 5u
typedef struct world {
    kith_agreement_t agreement;
    world_node_t nodes[WORLD_NODES];
    kith_arena_t *arena; /* as long as the world */
    int64_t now_ms;
    uint8_t ids; /* given so far */
    work_prepared_t prepared;
    work_refusal_t refusal;
    Kith__Reason reason;
} world_t;

world_t *world_new(void);
void world_destroy(world_t *w);
int world_setup(void **state);
int world_teardown(void **state);

world_node_t *world_node(world_t *w, const char *agency);
kith_txn_t *world_begin(world_t *w, const char *agency);
void world_commit(world_t *w, const char *agency);

/* ---- drafts ---- */
Kith__Api__Draft *world_draft(world_t *w);
Kith__Api__Draft *world_event(world_t *w, const char *topic);
/* About this record of the system `test`; called again: one more. NULL id: shielded, id "S-1". */
void world_about(world_t *w, Kith__Api__Draft *draft, const char *id);
Kith__Api__Draft *world_referral(world_t *w, const char *to);
Kith__Api__Draft *world_answer(world_t *w, const Kith__Notice *referral, Kith__ReferralStep step);
Kith__Api__Draft *world_alert(world_t *w, ProtobufCBinaryData household);
Kith__Api__Draft *world_reply(world_t *w, const Kith__Notice *alert, Kith__Answer answer);
/* With all that any step must say. */
Kith__Api__Draft *world_alert_change(world_t *w, const Kith__Notice *alert, Kith__AlertStep step);
Kith__Api__Draft *world_opening(world_t *w, const char *name);
Kith__Api__Draft *world_change(world_t *w, ProtobufCBinaryData household);
void world_seat(world_t *w, Kith__Api__Draft *draft, const char *agency, int64_t to_ms);
/* Handed to its family worker, with a reason and what to read first. */
void world_lead(world_t *w, Kith__Api__Draft *draft, const char *agency);
/* Closed as goals-reached, the need met; or reopened. */
Kith__Api__Draft *world_closing(world_t *w, ProtobufCBinaryData household, bool reopened);
void world_member(world_t *w, Kith__Api__Draft *draft, const char *name, bool shielded);
Kith__Api__Draft *world_seen(world_t *w, const Kith__Notice *notice);
void world_to(world_t *w, Kith__Api__Draft *draft, const char *agency);

/* ---- what people do ---- */

/* Prepares only; w->prepared or w->refusal is filled. */
kith_err world_prepare(world_t *w, const char *agency, const Kith__Api__Draft *draft);
void world_refused(world_t *w, const char *agency, const Kith__Api__Draft *draft, kith_err err,
                   const char *rule);
/* Prepares and applies as own; the notice as it travels. */
Kith__Notice *world_submit(world_t *w, const char *agency, const Kith__Api__Draft *draft);
/* And delivers it to every recipient. */
Kith__Notice *world_say(world_t *w, const char *agency, const Kith__Api__Draft *draft);
/* Who receives what was prepared last: in order, with blanks between. */
const char *world_recipients(world_t *w);
/* Opened by the agency with these in its team (NULL ends them), delivered. Its id. */
ProtobufCBinaryData world_household(world_t *w, const char *agency, const char *const *team);

typedef struct deliver_with {
    bool late, again, early, clock_apart;
    const char *topic_class; /* NULL: the topic's */
} deliver_with_t;
/* w->reason is filled with KITH_INVALID. */
kith_err world_try_deliver(world_t *w, const char *agency, const Kith__Notice *notice,
                           deliver_with_t with);
void world_deliver(world_t *w, const char *agency, const Kith__Notice *notice);
void world_subscribe(world_t *w, const char *agency, const char *topic);
/* The entry it makes, to say; NULL with w->refusal when it is refused. */
Kith__Api__Draft *world_offer(world_t *w, const char *agency, const Kith__Api__OfferRequest *ask);
void world_link(world_t *w, const char *agency, const char *id, ProtobufCBinaryData household);
kith_err world_try_link(world_t *w, const char *agency, const Kith__Api__LinkRequest *ask);
void world_outcome(world_t *w, const char *agency, const Kith__Notice *notice,
                   const char *recipient, Kith__Outcome outcome, Kith__Reason reason);
/* As at a start, or with a new partnership file: and what follows. */
void world_look_again(world_t *w, const char *agency);
/* Returns when to come again. */
int64_t world_tick(world_t *w, const char *agency);

/* ---- what is seen ---- */
Kith__Api__FeedResponse *world_feed(world_t *w, const char *agency, Kith__Api__FeedRequest ask);
Kith__Api__FeedResponse *world_feed_of(world_t *w, const char *agency,
                                       ProtobufCBinaryData household);
Kith__Api__FeedResponse *world_front_door(world_t *w, const char *agency);
/* The last entry of the feed. */
Kith__Api__FeedEntry *world_last(world_t *w, const char *agency);
bool world_flag(const Kith__Api__FeedEntry *entry, const char *flag);
/* "kind agency; kind agency; …" of the open tasks. */
const char *world_tasks(world_t *w, const char *agency);
Kith__Api__InboxResponse *world_inbox(world_t *w, const char *agency, uint32_t limit,
                                      uint64_t after);
Kith__Api__AlertBoard *world_board(world_t *w, const char *agency, const Kith__Notice *alert);
/* "police:acting housing:- …" */
const char *world_board_line(world_t *w, const char *agency, const Kith__Notice *alert);
Kith__Api__ReferralState *world_state(world_t *w, const char *agency, const Kith__Notice *referral);
Kith__Api__HouseholdView *world_view(world_t *w, const char *agency, ProtobufCBinaryData household);
/* A page of the docs. */
const char *world_page(world_t *w, const char *path);
/* The stored bytes. */
kith_bytes_t world_household_row(world_t *w, const char *agency, ProtobufCBinaryData household);
