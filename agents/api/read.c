/* Feed, watch, inbox, households. Whoever is shown a family is in the record of looks first. */
#include "agents/api/api_private.h"

/* ---- the record of looks ---- */

kith_err api_look(api_call_t *call, kith_bytes_t household, kith_bytes_t notice, const char *what)
{
    const api_turn_t *turn = call->turn;
    call->api->counts[API_COUNT_LOOKS]++;
    return work_record_look(call->api->work, turn->txn, turn->arena, call->user->name, household,
                            notice, what, turn->now_ms);
}

looks_t api_looks_new(api_call_t *call, size_t capacity)
{
    return (looks_t){.households =
                         kith_arena_need(call->turn->arena, (capacity + 1) * sizeof(kith_bytes_t))};
}

void api_looks_add(looks_t *looks, ProtobufCBinaryData household)
{
    kith_bytes_t id = record_bytes(household);
    for (size_t i = 0; i < looks->count; i++) {
        if (kith_bytes_equal(looks->households[i], id))
            return;
    }
    looks->households[looks->count++] = id;
}

kith_err api_looks_record(api_call_t *call, const looks_t *looks, const char *what)
{
    for (size_t i = 0; i < looks->count; i++)
        API_TRY(api_look(call, looks->households[i], (kith_bytes_t){0}, what));
    return KITH_OK;
}

/* ---- feed and watch ---- */

/* "Nothing arrived" and "that agency's agent is silent" are different lines. What the brokers say
 * is a hint; with no broker well there is none. */
static size_t add_silent(api_call_t *call, Kith__Api__AgencySilence ***ret_silent)
{
    const api_t *api = call->api;
    const kith_agreement_t *agreement = api->agreement;
    bool told = false;
    for (size_t i = 0; i < api->conf->brokers_count; i++) {
        agent_broker_view_t view = {0};
        agent_core_broker(api->core, i, &view);
        told |= strcmp(view.state, "well") == 0;
    }
    if (!told)
        return 0;
    Kith__Api__AgencySilence **silent =
        kith_arena_need(call->turn->arena, (agreement->agencies_count + 1) * sizeof *silent);
    size_t count = 0;
    for (size_t i = 0; i < agreement->agencies_count; i++) {
        const kith_agency_t *agency = &agreement->agencies[i];
        int64_t since_ms = 0;
        if (agency->left || strcmp(agency->id, api->conf->agency) == 0 ||
            agent_core_presence(api->core, agency->id, &since_ms))
            continue;
        Kith__Api__AgencySilence *silence = NULL;
        API_MAKE(call, silence, kith__api__agency_silence__init);
        silence->agency = api_text(agency->id);
        silence->silent_since_ms = since_ms;
        silent[count++] = silence;
    }
    *ret_silent = silent;
    return count;
}

static void answer_feed(api_call_t *call, Kith__Api__FeedResponse *response)
{
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_FEED;
    call->response->feed = response;
}

static kith_err get_feed(api_call_t *call, const Kith__Api__FeedRequest *ask,
                         Kith__Api__FeedResponse **ret_response)
{
    API_MAKE(call, *ret_response, kith__api__feed_response__init);
    kith_err err = work_feed(call->api->work, call->turn->txn, call->turn->arena, call->user->name,
                             ask, *ret_response);
    return err;
}

static kith_err look_at_entries(api_call_t *call, const Kith__Api__FeedResponse *response,
                                const char *what)
{
    looks_t looks = api_looks_new(call, response->n_entries);
    for (size_t i = 0; i < response->n_entries; i++)
        api_looks_add(&looks, response->entries[i]->household);
    return api_looks_record(call, &looks, what);
}

static bool household_fits(api_call_t *call, ProtobufCBinaryData household)
{
    if (household.len == 0 || household.len == KITH_ID_BYTES)
        return true;
    api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "household",
               "a household is named by its 16 bytes");
    return false;
}

kith_err api_do_feed(api_call_t *call, const Kith__Api__FeedRequest *ask)
{
    if (!household_fits(call, ask->household))
        return KITH_OK;
    Kith__Api__FeedResponse *response = NULL;
    kith_err err = get_feed(call, ask, &response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "feed"});
    if (ask->household.len > 0)
        API_TRY(api_look(call, record_bytes(ask->household), (kith_bytes_t){0}, "feed"));
    else
        API_TRY(look_at_entries(call, response, "feed"));
    response->n_silent = add_silent(call, &response->silent);
    answer_feed(call, response);
    return KITH_OK;
}

kith_err api_answer_watch(api_call_t *call, const api_watch_t *watch)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.after = watch->after;
    ask.limit = watch->limit;
    Kith__Api__FeedResponse *response = NULL;
    kith_err err = get_feed(call, &ask, &response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "watch"});
    bool nothing =
        response->n_entries == 0 && !response->more && response->tellings <= watch->tellings;
    if (nothing && call->turn->mono_ms < watch->until_mono_ms) {
        call->answer->held = true;
        call->answer->watch = *watch;
        call->answer->watch.after = response->cursor; /* what is hidden was passed over */
        return KITH_OK;
    }
    API_TRY(look_at_entries(call, response, "watch"));
    response->n_silent = add_silent(call, &response->silent);
    answer_feed(call, response);
    return KITH_OK;
}

kith_err api_do_watch(api_call_t *call, const Kith__Api__WatchRequest *ask)
{
    uint32_t wait_ms = ask->wait_ms < API_WAIT_MS_MAX ? ask->wait_ms : API_WAIT_MS_MAX;
    uint64_t tellings = 0;
    API_TRY(work_tellings_end(call->api->work, call->turn->txn, &tellings));
    api_watch_t watch = {
        .tellings = tellings,
        .request_id = call->request->id,
        .user = call->user,
        .after = ask->after,
        .limit = ask->limit,
        .until_mono_ms = call->turn->mono_ms + wait_ms,
    };
    return api_answer_watch(call, &watch);
}

/* ---- inbox and households ---- */

kith_err api_do_inbox(api_call_t *call, const Kith__Api__InboxRequest *ask)
{
    Kith__Api__InboxResponse *response = NULL;
    API_MAKE(call, response, kith__api__inbox_response__init);
    kith_err err = work_inbox(call->api->work, call->turn->txn, call->turn->arena, ask, response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "inbox"});
    looks_t looks = api_looks_new(call, response->n_tasks);
    for (size_t i = 0; i < response->n_tasks; i++)
        api_looks_add(&looks, response->tasks[i]->household);
    API_TRY(api_looks_record(call, &looks, "inbox"));
    response->n_silent = add_silent(call, &response->silent);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_INBOX;
    call->response->inbox = response;
    return KITH_OK;
}

kith_err api_do_household(api_call_t *call, const Kith__Api__HouseholdRequest *ask)
{
    kith_bytes_t id = {0};
    kith_err err = KITH_OK;
    bool one = ask->id.len > 0 || *ask->short_id;
    if (one &&
        !api_find(call, AGENT_TABLE_HOUSEHOLDS, "household", ask->id, ask->short_id, &id, &err))
        return err;
    Kith__Api__HouseholdResponse *response = NULL;
    API_MAKE(call, response, kith__api__household_response__init);
    err = work_households(call->api->work, call->turn->txn, call->turn->arena, id, response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "household"});
    for (size_t i = 0; i < response->n_households; i++)
        API_TRY(api_look(call, record_bytes(response->households[i]->id), (kith_bytes_t){0},
                         "household"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_HOUSEHOLD;
    call->response->household = response;
    return KITH_OK;
}

/* ---- the directory: of agencies, not of families ---- */

kith_err api_do_find(api_call_t *call, const Kith__Api__FindRequest *ask)
{
    const api_turn_t *turn = call->turn;
    Kith__Api__FindResponse *response = NULL;
    API_MAKE(call, response, kith__api__find_response__init);
    work_refusal_t refusal = {0};
    kith_err err =
        work_find(call->api->work, turn->txn, turn->arena, ask, turn->now_ms, response, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_FIND;
    call->response->find = response;
    return KITH_OK;
}
