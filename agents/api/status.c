/* One screen: the hubs, what is owed to whom, what waits for people, what was counted. */
#include "agents/api/api_private.h"

/* Rows of a stream, and of the unsealed queue, that are looked at for the oldest debt: the first
 * ones are the oldest, some of them are voids or settled. */
#define OLDEST_LOOK_MAX   64u
#define UNSEALED_LOOK_MAX 1000u

/* ---- the oldest debt to each ---- */

static void older(Kith__Api__Owed *owed, int64_t since_ms)
{
    if (owed->oldest_ms == 0 || since_ms < owed->oldest_ms)
        owed->oldest_ms = since_ms;
}

/* false in *ret_open: there is none, or it has its outcome. */
static kith_err look_at_debt(api_call_t *call, kith_bytes_t notice_id, Kith__Api__Owed *owed,
                             bool *ret_open)
{
    kith_key_t key = record_key_debt(notice_id, owed->agency);
    Kith__Store__Debt *debt = NULL;
    kith_err err = record_get_debt(call->turn->txn, call->turn->arena, kith_key_bytes(&key), &debt);
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    if (err != KITH_OK)
        return err;
    *ret_open = !debt->outcome;
    if (*ret_open)
        older(owed, debt->since_ms);
    return KITH_OK;
}

/* Numbered ones: in each stream the lowest number is the oldest. */
static kith_err oldest_numbered(api_call_t *call, Kith__Api__Owed *owed, int lane)
{
    kith_key_t prefix;
    kith_key_clear(&prefix);
    kith_key_u8(&prefix, (uint8_t)lane);
    kith_key_name(&prefix, owed->agency);
    kith_key_t at = {0};
    bool open = false;
    for (size_t i = 0; i < OLDEST_LOOK_MAX && !open; i++) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err = kith_next(call->turn->txn, AGENT_TABLE_OUT, kith_key_bytes(&prefix),
                                 kith_key_bytes(&at), &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        if (err != KITH_OK)
            return err;
        kith_key_clear(&at);
        kith_key_raw(&at, key);
        Kith__Store__OutSlot *slot = NULL;
        API_TRY(record_get_out(call->turn->txn, call->turn->arena, kith_key_bytes(&at), &slot));
        API_TRY(look_at_debt(call, record_bytes(slot->notice_id), owed, &open));
    }
    return KITH_OK;
}

static kith_err oldest_of_entry(api_call_t *call, const Kith__Store__Unsealed *entry, size_t count,
                                Kith__Api__Owed **list)
{
    for (size_t i = 0; i < entry->n_recipients; i++) {
        for (size_t j = 0; j < count; j++) {
            bool open = false;
            if (strcmp(list[j]->agency, entry->recipients[i]) == 0)
                API_TRY(look_at_debt(call, record_bytes(entry->notice_id), list[j], &open));
        }
    }
    return KITH_OK;
}

/* Those that no number was given to yet. */
static kith_err oldest_unsealed(api_call_t *call, size_t count, Kith__Api__Owed **list)
{
    kith_key_t at = {0};
    for (size_t i = 0; i < UNSEALED_LOOK_MAX; i++) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err = kith_next(call->turn->txn, AGENT_TABLE_UNSEALED, (kith_bytes_t){0},
                                 kith_key_bytes(&at), &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        if (err != KITH_OK)
            return err;
        kith_key_clear(&at);
        kith_key_raw(&at, key);
        Kith__Store__Unsealed *entry = NULL;
        API_TRY(
            record_get_unsealed(call->turn->txn, call->turn->arena, kith_key_bytes(&at), &entry));
        API_TRY(oldest_of_entry(call, entry, count, list));
    }
    return KITH_OK;
}

/* ---- what is owed ---- */

static kith_err owed_row(api_call_t *call, const char *agency, Kith__Api__Owed **ret_owed)
{
    kith_key_t key = record_key_name(agency);
    Kith__Store__OwedRow *row = NULL;
    API_TRY(record_get_owed(call->turn->txn, call->turn->arena, kith_key_bytes(&key), &row));
    Kith__Api__Owed *owed = NULL;
    API_MAKE(call, owed, kith__api__owed__init);
    owed->agency = kith_arena_str(call->turn->arena, agency);
    owed->stored_here = row->stored_here;
    owed->at_the_hub = row->at_the_hub;
    owed->expired = row->expired;
    owed->delivered = row->delivered;
    owed->refused = row->refused;
    owed->quarantined = row->quarantined;
    owed->seen = row->seen;
    owed->sent = row->sent;
    owed->connected = agent_core_presence(call->api->core, agency, &owed->silent_since_ms);
    for (int lane = 0; lane < KITH_LANES; lane++)
        API_TRY(oldest_numbered(call, owed, lane));
    *ret_owed = owed;
    return KITH_OK;
}

static kith_err add_owed(api_call_t *call, Kith__Api__StatusResponse *response)
{
    kith_txn_t *txn = call->turn->txn;
    response->owed = kith_arena_need(call->turn->arena, KITH_AGENCIES_MAX * sizeof *response->owed);
    kith_key_t at = {0};
    while (response->n_owed < KITH_AGENCIES_MAX) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err =
            kith_next(txn, AGENT_TABLE_OWED, (kith_bytes_t){0}, kith_key_bytes(&at), &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        if (err != KITH_OK)
            return err;
        kith_key_clear(&at);
        kith_key_raw(&at, key);
        kith_key_reader_t reader = {.rest = kith_key_bytes(&at)};
        const char *agency = kith_key_read_name(&reader);
        API_TRY(owed_row(call, agency, &response->owed[response->n_owed]));
        response->n_owed++;
    }
    return oldest_unsealed(call, response->n_owed, response->owed);
}

/* ---- hubs and counters ---- */

static void add_brokers(api_call_t *call, Kith__Api__StatusResponse *response)
{
    const api_t *api = call->api;
    response->brokers = kith_arena_need(call->turn->arena,
                                        (api->conf->brokers_count + 1) * sizeof *response->brokers);
    for (size_t i = 0; i < api->conf->brokers_count; i++) {
        agent_broker_view_t view = {0};
        agent_core_broker(api->core, i, &view);
        const kith_broker_entry_t *entry =
            kith_agreement_broker(api->agreement, api->conf->brokers[i]);
        const char *link = call->turn->links_say[i];
        Kith__Api__BrokerState *state = NULL;
        API_MAKE(call, state, kith__api__broker_state__init);
        state->id = api_text(api->conf->brokers[i]);
        state->endpoint = api_text(entry ? entry->endpoint : "");
        state->state = api_text(link ? link : view.state);
        state->publishing = view.publishing;
        state->since_ms = view.since_ms;
        state->partnership_version = view.partnership_version;
        response->brokers[response->n_brokers++] = state;
    }
}

static void add_counter(api_call_t *call, Kith__Api__StatusResponse *response, const char *name,
                        uint64_t value)
{
    Kith__Api__Counter *counter = NULL;
    API_MAKE(call, counter, kith__api__counter__init);
    counter->name = api_text(name);
    counter->value = value;
    response->counters[response->n_counters++] = counter;
}

static void add_counters(api_call_t *call, Kith__Api__StatusResponse *response)
{
    static const char *const names[] = {
#define X(id, name) name,
        API_COUNTS(X)
#undef X
    };
    agent_stats_t stats = {0};
    agent_core_stats(call->api->core, &stats);
    const struct {
        const char *name;
        uint64_t value;
    } of_core[] = {
        {"delivered", stats.delivered},
        {"repeats", stats.repeats},
        {"parked", stats.parked},
        {"let-go", stats.let_go},
        {"quarantined", stats.quarantined},
        {"bad-copies", stats.bad_copies},
        {"voided", stats.voided},
        {"resent", stats.resent},
        {"receipts-made", stats.receipts_made},
        {"receipts-taken", stats.receipts_taken},
        {"receipts-odd", stats.receipts_odd},
        {"refused", stats.refused},
        {"clocks-apart", stats.clock_apart},
    };
    const size_t core_count = sizeof of_core / sizeof *of_core;
    response->counters = kith_arena_need(call->turn->arena, (core_count + API_COUNTS_COUNT) *
                                                                sizeof *response->counters);
    for (size_t i = 0; i < core_count; i++)
        add_counter(call, response, of_core[i].name, of_core[i].value);
    for (size_t i = 0; i < API_COUNTS_COUNT; i++)
        add_counter(call, response, names[i], call->api->counts[i]);
}

kith_err api_do_status(api_call_t *call, const Kith__Api__StatusRequest *ask)
{
    (void)ask;
    const api_t *api = call->api;
    const api_turn_t *turn = call->turn;
    const kith_agency_t *own = kith_agreement_agency(api->agreement, api->conf->agency);
    Kith__Api__StatusResponse *response = NULL;
    API_MAKE(call, response, kith__api__status_response__init);
    response->agency = api_text(own->id);
    response->name = api_text(own->name);
    response->partnership = api_text(api->agreement->partnership);
    response->partnership_version = api->agreement->version;
    response->epoch = api->epoch;
    response->boot = api->boot;
    response->exercise = api->agreement->exercise;
    response->now_ms = turn->now_ms;
    response->disk_free_bytes = turn->disk_free_bytes;
    response->read_only = turn->read_only;
    add_brokers(call, response);
    add_counters(call, response);
    API_TRY(add_owed(call, response));
    API_TRY(work_counts(api->work, turn->txn, &response->tasks_open, &response->feed_entries,
                        &response->front_door));
    API_TRY(kith_count(turn->txn, AGENT_TABLE_QUARANTINE, &response->quarantined_here));
    API_TRY(kith_count(turn->txn, AGENT_TABLE_PARKED, &response->parked_here));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_AGENT;
    call->response->agent = response;
    return KITH_OK;
}
