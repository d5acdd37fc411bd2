/* What the api's files share. Nobody outside agents/api includes this. */
#pragma once

#include "agents/api/api.h"
#include "agents/core/records.h"
#include "base/limits.h"

#include <string.h>

/* Ends early with an error that ends the turn. */
#define API_TRY(call)                                                                              \
    do {                                                                                           \
        kith_err api_try_err = (call);                                                             \
        if (api_try_err != KITH_OK)                                                                \
            return api_try_err;                                                                    \
    } while (0)

/* A reply is one frame for the client as well. */
#define API_REPLY_BYTES_MAX KITH_FRAME_BYTES_MAX
/* A watch is asked again by its client at least this often. */
#define API_WAIT_MS_MAX 600000u
/* Rows a short id is looked for among, newest first. */
#define API_SCAN_MAX 50000u
/* Fewer digits of a short id fit too many. */
#define API_SHORT_MIN 4u
/* The last instant that kith_time_text can show. */
#define API_TIME_MS_MAX INT64_C(253402300799000)

/* One request on its way. */
typedef struct api_call {
    api_t *api;
    const api_turn_t *turn;
    const agent_user_t *user;
    const Kith__Api__Request *request;
    Kith__Api__Response *response;
    api_answer_t *answer;
} api_call_t;

/* A new message in the turn's arena, at `target`. */
#define API_MAKE(call, target, init)                                                               \
    ((target) = kith_arena_need((call)->turn->arena, sizeof *(target)), init(target))

/* protobuf-c has the text as char * and never writes it. */
static inline char *api_text(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* An error in the response; KITH_OK, so that a handler may end with it. Texts: no personal data. */
kith_err api_refuse(api_call_t *call, Kith__Api__Status status, const char *rule, const char *what);
/* A work_* call's error: answered by its refusal, or passed up when it ends the turn. */
kith_err api_refuse_work(api_call_t *call, kith_err err, const work_refusal_t *refusal);
bool api_ends_turn(kith_err err);

/* Handlers: one for each member of Request.ask. */
kith_err api_do_submit(api_call_t *call, const Kith__Api__SubmitRequest *ask);
kith_err api_do_subscribe(api_call_t *call, const Kith__Api__SubscribeRequest *ask);
kith_err api_do_offer(api_call_t *call, const Kith__Api__OfferRequest *ask);
kith_err api_do_find(api_call_t *call, const Kith__Api__FindRequest *ask);
kith_err api_do_show(api_call_t *call, const Kith__Api__ShowRequest *ask);
kith_err api_do_feed(api_call_t *call, const Kith__Api__FeedRequest *ask);
kith_err api_do_groups(api_call_t *call, const Kith__Api__GroupsRequest *ask);
kith_err api_do_looked(api_call_t *call, const Kith__Api__LookedRequest *ask);
kith_err api_do_snooze(api_call_t *call, const Kith__Api__SnoozeRequest *ask);
kith_err api_do_snoozes(api_call_t *call, const Kith__Api__SnoozesRequest *ask);
kith_err api_do_tellings(api_call_t *call, const Kith__Api__TellingsRequest *ask);
kith_err api_do_watch(api_call_t *call, const Kith__Api__WatchRequest *ask);
kith_err api_do_inbox(api_call_t *call, const Kith__Api__InboxRequest *ask);
kith_err api_do_household(api_call_t *call, const Kith__Api__HouseholdRequest *ask);
kith_err api_do_link(api_call_t *call, const Kith__Api__LinkRequest *ask);
kith_err api_do_done(api_call_t *call, const Kith__Api__DoneRequest *ask);
kith_err api_do_load(api_call_t *call, const Kith__Api__LoadRequest *ask);
kith_err api_do_clock(api_call_t *call, const Kith__Api__ClockRequest *ask);
kith_err api_do_status(api_call_t *call, const Kith__Api__StatusRequest *ask);
kith_err api_do_plan(api_call_t *call, const Kith__Api__PlanRequest *ask);
kith_err api_do_pot(api_call_t *call, const Kith__Api__PotRequest *ask);
kith_err api_do_mail_in(api_call_t *call, const Kith__Api__MailInRequest *ask);
kith_err api_do_mail(api_call_t *call, const Kith__Api__MailRequest *ask);
kith_err api_do_undelivered(api_call_t *call, const Kith__Api__UndeliveredRequest *ask);

/* show.c: leaves out the last text of an assessment's parts that is still there: each part is a
 * notice of its own, and can be shown by itself. false: there is none. */
bool api_shorten_show(Kith__Api__ShowResponse *show);

/* read.c: a watch that is due or new. */
kith_err api_answer_watch(api_call_t *call, const api_watch_t *watch);
/* Into the record of looks, before the answer. */
kith_err api_look(api_call_t *call, kith_bytes_t household, kith_bytes_t notice, const char *what);
/* The households of one answer, each recorded once. */
typedef struct looks {
    size_t count;
    kith_bytes_t *households;
} looks_t;
looks_t api_looks_new(api_call_t *call, size_t capacity);
void api_looks_add(looks_t *looks, ProtobufCBinaryData household);
kith_err api_looks_record(api_call_t *call, const looks_t *looks, const char *what);

/* change.c: the disk is down to its reserve. */
kith_err api_refuse_full(api_call_t *call);

/* find.c: the id a request means, whole or by the end of its text, among a table whose keys are
 * ids. false: the response says why not, or *ret_err ends the turn. */
bool api_find(api_call_t *call, int table, const char *thing, ProtobufCBinaryData id,
              const char *short_id, kith_bytes_t *ret_id, kith_err *ret_err);

/* delivery.c: what is known of one (notice, recipient). KITH_NOT_FOUND: it was never owed. */
kith_err api_delivery(api_call_t *call, kith_bytes_t notice_id, const char *recipient,
                      Kith__Api__RecipientState **ret_state);
/* All recipients of a notice of ours. */
kith_err api_deliveries(api_call_t *call, kith_bytes_t notice_id, size_t *ret_count,
                        Kith__Api__RecipientState ***ret_states);
