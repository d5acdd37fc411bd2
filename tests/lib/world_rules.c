/* Rules that speak of a moment, or of single rows: what is said of a debt, and what is kept for a
 * person. The invariants of the whole are in world_look.c. */
#include "tests/lib/world.h"

#include <string.h>

/* ---- while it happens: a hub ---- */

void world_rule_put(world_puts_t *puts, const Kith__Header *header, const mailbox_put_t *put)
{
    puts->items = world_grown(puts->items, puts->count, &puts->capacity, sizeof *puts->items);
    puts->items[puts->count++] = (struct world_put){
        .id = header->id, .recipients_count = put->recipients_count, .recipients = put->recipients};
}

static bool was_put(const world_puts_t *puts, const Kith__EnvelopeId *id, const char *recipient)
{
    for (size_t i = 0; puts && i < puts->count; i++) {
        const struct world_put *put = &puts->items[i];
        if (put->id->seq != id->seq || put->id->lane != id->lane || put->id->epoch != id->epoch ||
            strcmp(put->id->origin, id->origin) != 0)
            continue;
        for (size_t j = 0; j < put->recipients_count; j++)
            if (strcmp(put->recipients[j], recipient) == 0)
                return true;
    }
    return false;
}

void world_rule_accepted(world_t *w, size_t broker, const world_puts_t *committed,
                         const Kith__Packet *packet)
{
    if (packet->verb_case != KITH__PACKET__VERB_ACCEPTED)
        return;
    for (size_t i = 0; i < packet->accepted->n_recipients; i++)
        if (!was_put(committed, packet->accepted->id, packet->accepted->recipients[i]))
            world_fail(w, "%s said that it has what it has not committed for %s",
                       w->brokers[broker].id, packet->accepted->recipients[i]);
}

static bool names_token(const Kith__Taken *taken, uint64_t token)
{
    for (size_t i = 0; i < taken->n_tokens; i++)
        if (taken->tokens[i] == token)
            return true;
    return false;
}

static bool was_judged_again(const broker_event_t *event, uint64_t token)
{
    for (size_t i = 0; i < event->fetched.count; i++)
        if (event->fetched.items[i].token == token)
            return event->fetched.headers[i] || event->fetched.verdicts[i];
    return false;
}

void world_rule_done(world_t *w, size_t broker, const broker_event_t *event,
                     const broker_effect_t *done)
{
    const char *agency = done->done.agency;
    bool right = false;
    if (event->type == BROKER_EV_PACKET) {
        right = event->packet.packet->verb_case == KITH__PACKET__VERB_TAKEN &&
                strcmp(event->packet.agency, agency) == 0 &&
                names_token(event->packet.packet->taken, done->done.token);
    } else if (event->type == BROKER_EV_FETCHED) {
        const kith_agency_t *member = kith_agreement_agency(w->brokers[broker].agreement, agency);
        right = !member || member->left || was_judged_again(event, done->done.token);
    }
    if (!right)
        world_fail(w, "%s let go a copy that %s has not taken", w->brokers[broker].id, agency);
}

/* ---- while it happens: an agent ---- */

kith_err world_rule_outcome(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                            const agent_outcome_t *said)
{
    static const uint8_t yes = 1;
    const char *name = w->agents[agent].id;
    bool expired = said->outcome == KITH__OUTCOME__OUTCOME_EXPIRED;
    if (expired && world_agent_event(w, agent, AGENT_EV_TICK).clocks_apart)
        world_fail(w, "%s let a notice expire by a clock that had jumped", name);
    Kith__Store__Debt *debt = NULL;
    kith_bytes_t value;
    kith_key_t key = record_key_debt(said->notice_id, said->recipient);
    kith_err err = record_get_debt(txn, arena, kith_key_bytes(&key), &debt);
    if (err == KITH_NOT_FOUND || (err == KITH_OK && !debt->outcome))
        return KITH_OK; /* another's notice; or said before it is one */
    if (err == KITH_OK &&
        kith_get(txn, WORLD_TABLE_SETTLED, kith_key_bytes(&key), &value) == KITH_OK)
        world_fail(w, "%s gave a debt to %s two outcomes", name, said->recipient);
    return err != KITH_OK
               ? err
               : kith_put(txn, WORLD_TABLE_SETTLED, kith_key_bytes(&key), (kith_bytes_t){&yes, 1});
}

/* ---- afterwards ---- */

/* The next row of a table; false: there are no more. Its bytes are in the world's arena. */
static bool next_row(world_t *w, kith_txn_t *txn, int table, kith_bytes_t *key)
{
    kith_bytes_t next, value;
    if (kith_next(txn, table, (kith_bytes_t){0}, *key, &next, &value) != KITH_OK)
        return false;
    *key = kith_arena_copy(w->arena, next);
    return true;
}

/* What is said to be at a hub is so by the store that hub has now, once its session says which. */
static void check_debt_at_hub(world_t *w, const world_agent_t *a, const Kith__Store__Debt *debt)
{
    for (size_t i = 0; i < w->brokers_count && a->core && !debt->outcome; i++) {
        agent_broker_view_t view;
        const uint8_t *epoch = w->brokers[i].settings.store_epoch;
        agent_core_broker(a->core, i, &view);
        if (strcmp(debt->broker, w->brokers[i].id) == 0 && strcmp(view.state, "well") == 0 &&
            memcmp(debt->broker_epoch.data, epoch, debt->broker_epoch.len) != 0)
            world_fail(w, "%s says that %s has what was lost with its store", a->id, debt->broker);
    }
}

const char *world_check_hubs(world_t *w)
{
    for (size_t i = 0; i < w->agents_count; i++) {
        world_agent_t *a = &w->agents[i];
        kith_txn_t *txn = memtxn_begin(a->store);
        kith_bytes_t key = {0};
        while (next_row(w, txn, AGENT_TABLE_DEBTS, &key)) {
            Kith__Store__Debt *debt = NULL;
            KITH_ASSERT(record_get_debt(txn, w->arena, key, &debt) == KITH_OK);
            check_debt_at_hub(w, a, debt);
        }
        memtxn_abort(a->store);
    }
    return w->wrong;
}

/* Each debt that expired was told. */
void world_check_told(world_t *w, size_t agent)
{
    size_t expired = 0, told = 0;
    world_told_t row;
    kith_bytes_t key = {0};
    world_agent_t *a = &w->agents[agent];
    for (uint64_t i = 0; world_told(w, agent, i, &row); i++)
        told += row.outcome == KITH__OUTCOME__OUTCOME_EXPIRED;
    kith_txn_t *txn = memtxn_begin(a->store);
    while (next_row(w, txn, AGENT_TABLE_DEBTS, &key)) {
        Kith__Store__Debt *debt = NULL;
        KITH_ASSERT(record_get_debt(txn, w->arena, key, &debt) == KITH_OK);
        expired += debt->expired ? 1u : 0u;
    }
    memtxn_abort(a->store);
    if (expired != told)
        world_fail(w, "%zu debts of %s expired, %zu were told", expired, a->id, told);
}

/* Quarantined whole: a person can still read it. */
void world_check_quarantine(world_t *w, size_t agent)
{
    kith_bytes_t key = {0};
    world_agent_t *a = &w->agents[agent];
    kith_txn_t *txn = memtxn_begin(a->store);
    while (next_row(w, txn, AGENT_TABLE_QUARANTINE, &key)) {
        Kith__Store__QuarantineRow *row = NULL;
        KITH_ASSERT(record_get_quarantine(txn, w->arena, key, &row) == KITH_OK);
        if (!row->envelope || (row->envelope->content.len == 0 && row->notice.len == 0))
            world_fail(w, "%s quarantined a message without its content", a->id);
    }
    memtxn_abort(a->store);
}
