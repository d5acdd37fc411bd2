/* Rules that speak of a moment, or of single rows: what is said of a debt, and what is kept for a
 * person. The invariants of the whole are in world_look.c. */
#include "tests/lib/toy_hash.h"
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

void world_rule_heard(world_t *w, size_t broker, size_t agent, uint64_t route)
{
    const world_agent_t *a = &w->agents[agent];
    const world_broker_t *b = &w->brokers[broker];
    world_link_t *link = &w->agents[agent].links[broker];
    const kith_agency_t *agency = kith_agreement_agency(b->agreement, a->id);
    const kith_public_key_t *key = agency ? kith_keyring_find(&agency->transport, a->key) : NULL;
    if (!broker_core_is_live(b->core, a->id, route))
        return;
    link->heard_route = route;
    link->heard_mono_ms = w->mono_ms;
    if (!key || key->state != KITH_KEY_CURRENT)
        world_fail(w, "%s let %s in with a key that is revoked", b->id, a->id);
}

void world_rule_sessions(world_t *w, size_t broker)
{
    const world_broker_t *b = &w->brokers[broker];
    for (size_t i = 0; i < w->agents_count; i++) {
        const world_link_t *link = &w->agents[i].links[broker];
        int64_t silent_ms = w->mono_ms - link->heard_mono_ms;
        if (silent_ms > b->settings.liveness_ms &&
            broker_core_is_live(b->core, w->agents[i].id, link->heard_route))
            world_fail(w, "%s keeps a session of %s alive that said nothing for %lld ms", b->id,
                       w->agents[i].id, (long long)silent_ms);
    }
}

/* ---- while it happens: an agent ---- */

static size_t notice_of(const world_t *w, const uint8_t id[16])
{
    for (size_t i = w->notices_count; i > 0; i--)
        if (memcmp(w->notices[i - 1].id, id, KITH_ID_BYTES) == 0)
            return i - 1;
    return w->notices_count;
}

static size_t agent_of(const world_t *w, const char *id)
{
    for (size_t i = 0; i < w->agents_count; i++)
        if (strcmp(w->agents[i].id, id) == 0)
            return i;
    return w->agents_count;
}

void world_rule_applied(world_t *w, size_t agent, const agent_received_t *received)
{
    world_agent_t *a = &w->agents[agent];
    if (received->mine || received->early)
        return;
    struct world_applied *applied = kith_arena_need(a->arena, sizeof *applied);
    *applied = (struct world_applied){notice_of(w, received->notice->id.data), a->moment.applied};
    a->moment.applied = applied;
}

void world_rule_shown(world_t *w, size_t agent, const agent_event_t *event)
{
    world_agent_t *a = &w->agents[agent];
    if (event->type != AGENT_EV_PACKET || event->packet.verdict || !event->packet.shown)
        return;
    kith_bytes_t header = record_bytes(event->packet.packet->receipt->shown_header);
    kith_hash_f *hash = w->kit && w->kit->hash ? w->kit->hash : toy_hash;
    kith_digest_t digest = kith_header_digest(hash, header);
    for (size_t i = a->forgot_from; i < a->forgot_to; i++)
        a->moment.own_later_word |= w->sealed[i].origin == agent &&
                                    memcmp(&w->sealed[i].digest, &digest, sizeof digest) == 0;
}

void world_rule_published(world_t *w, size_t agent, const Kith__Packet *packet)
{
    const char *field = NULL;
    world_agent_t *a = &w->agents[agent];
    Kith__Header *header = NULL;
    bool anew = false;
    if (packet->verb_case != KITH__PACKET__VERB_PUBLISH ||
        kith_header_decode(a->arena, record_bytes(packet->publish->envelope->header), &header,
                           &field) != KITH_OK)
        return;
    int lane = kith_lane_index(header->id->lane);
    for (size_t i = 0; i < header->n_slots; i++) {
        size_t to = agent_of(w, header->slots[i]->agency);
        if (to == w->agents_count || header->slots[i]->n <= a->published[to][lane])
            continue;
        a->published[to][lane] = header->slots[i]->n;
        anew = true;
    }
    if (lane == KITH_LANE_NORMAL && anew && a->moment.urgent_run >= KITH_NORMAL_SHARE)
        world_fail(w, "%s let %u urgent messages go before a normal one that waited", a->id,
                   a->moment.urgent_run);
    if (lane == KITH_LANE_NORMAL)
        a->moment.urgent_run = 0; /* its place, be it a repeat */
    else if (anew)
        a->moment.urgent_run++;
}

/* A packed Notice begins with its id. */
static void remember_seal(world_t *w, size_t origin, size_t recipient, kith_bytes_t notice,
                          const kith_digest_t *digest)
{
    static const uint8_t begin[] = {1 << 3 | 2, KITH_ID_BYTES};
    KITH_ASSERT(kith_bytes_starts(notice, (kith_bytes_t){begin, sizeof begin}));
    w->sealed = world_grown(w->sealed, w->sealed_count, &w->sealed_capacity, sizeof *w->sealed);
    world_sealed_t *sealed = &w->sealed[w->sealed_count++];
    *sealed = (world_sealed_t){.origin = origin, .recipient = recipient, .digest = *digest};
    memcpy(sealed->id, notice.data + sizeof begin, KITH_ID_BYTES);
}

void world_rule_sealed(world_t *w, size_t agent, const agent_seal_job_t *job,
                       const kith_digest_t *digest)
{
    const world_agent_t *a = &w->agents[agent];
    const Kith__Header *header = job->header;
    const kith_clause_t *clause = kith_agreement_clause(a->agreement, header->clause);
    for (size_t i = 0; i < header->n_slots; i++) {
        const char *recipient = header->slots[i]->agency;
        size_t to = agent_of(w, recipient);
        if (!clause || !kith_clause_covers(clause, a->id, recipient, header->topic_class))
            world_fail(w, "%s sealed for %s what its own partnership file does not allow", a->id,
                       recipient);
        if (to < w->agents_count)
            remember_seal(w, agent, to, job->notice, digest);
    }
}

void world_rule_stored(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    if (a->agreement->version < a->version)
        world_fail(w, "%s works under version %u of the partnership file, after %u", a->id,
                   a->agreement->version, a->version);
    a->version = a->agreement->version;
    for (const struct world_applied *one = a->moment.applied; one; one = one->next)
        if (one->notice < w->notices_count)
            w->notices[one->notice].applied |= UINT64_C(1) << agent;
}

void world_rule_released(world_t *w, size_t agent)
{
    const world_agent_t *a = &w->agents[agent];
    if (a->moment.own_later_word && !a->halted)
        world_fail(w, "%s, an old copy, was shown its own later word and goes on", a->id);
    if (w->kit && a->halted == KITH__REASON__REASON_OWN_COPY_OLD && !a->old_copy)
        world_fail(w, "%s halted, and its store is no old copy", a->id);
}

/* Nobody is told that it was delivered before its recipient has it for good. */
static void check_delivered(world_t *w, size_t agent, const agent_outcome_t *said)
{
    size_t notice = notice_of(w, said->notice_id.data), to = agent_of(w, said->recipient);
    bool delivered = said->outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
                     said->outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
    if (delivered && notice < w->notices_count && w->notices[notice].origin == agent &&
        to < w->agents_count && !(w->notices[notice].applied >> to & 1))
        world_fail(w, "%s counts notice %zu as delivered to %s, which never applied it",
                   w->agents[agent].id, notice, said->recipient);
}

kith_err world_rule_outcome(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                            const agent_outcome_t *said)
{
    static const uint8_t yes = 1;
    const char *name = w->agents[agent].id;
    bool expired = said->outcome == KITH__OUTCOME__OUTCOME_EXPIRED;
    if (expired && world_agent_event(w, agent, AGENT_EV_TICK).clocks_apart)
        world_fail(w, "%s let a notice expire by a clock that had jumped", name);
    if (w->kit) /* without one, tests forge receipts */
        check_delivered(w, agent, said);
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
