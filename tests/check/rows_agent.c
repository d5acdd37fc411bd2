/* An agent's rows, table by table (proto/store.proto), into what the rules compare. */
#include "tests/check/judge_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys: names end in NUL, numbers are big endian ---- */

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
} reader_t;

static void read_name(reader_t *reader, char ret_name[NAME_SIZE])
{
    const uint8_t *end = reader->left ? memchr(reader->at, 0, reader->left) : NULL;
    size_t size = end ? (size_t)(end - reader->at) + 1 : 0;
    if (size == 0 || size > NAME_SIZE) {
        reader->bad = true;
        return;
    }
    memcpy(ret_name, reader->at, size);
    reader->at += size;
    reader->left -= size;
}

static uint64_t read_number(reader_t *reader, size_t size)
{
    uint64_t number = 0;
    if (reader->left < size) {
        reader->bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        number = number << 8 | reader->at[i];
    reader->at += size;
    reader->left -= size;
    return number;
}

static void read_id(reader_t *reader, notice_id_t *ret_id)
{
    if (reader->left < ID_SIZE) {
        reader->bad = true;
        return;
    }
    memcpy(ret_id, reader->at, ID_SIZE);
    reader->at += ID_SIZE;
    reader->left -= ID_SIZE;
}

static void read_in_stream(reader_t *reader, stream_t *ret_stream)
{
    read_name(reader, ret_stream->peer);
    ret_stream->peer_epoch = (uint32_t)read_number(reader, 4);
    ret_stream->lane = (int)read_number(reader, 1);
    ret_stream->own_epoch = (uint32_t)read_number(reader, 4);
}

static bool at_end(const reader_t *reader)
{
    return !reader->bad && reader->left == 0;
}

/* ---- values ---- */

/* FNV-1a: tells bytes that differ by a fault apart; nobody attacks the judge. */
static uint64_t sum_of(ProtobufCBinaryData bytes)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes.len; i++)
        sum = (sum ^ bytes.data[i]) * 0x100000001b3u;
    return sum;
}

static bool copy_id(ProtobufCBinaryData bytes, notice_id_t *ret_id)
{
    if (bytes.len != ID_SIZE)
        return false;
    memcpy(ret_id, bytes.data, ID_SIZE);
    return true;
}

static void copy_digest(ProtobufCBinaryData bytes, uint8_t ret_digest[DIGEST_SIZE])
{
    if (bytes.len == DIGEST_SIZE)
        memcpy(ret_digest, bytes.data, DIGEST_SIZE);
}

typedef struct row {
    reader_t key;
    size_t size;
    const uint8_t *value;
} row_t;

#define UNPACK(type, row) type##__unpack(NULL, (row)->size, (row)->value)

static bool take_meta(agent_t *agent, row_t *row)
{
    Kith__Store__AgentMeta *meta = UNPACK(kith__store__agent_meta, row);
    if (!meta)
        return false;
    agent->has_meta = true;
    agent->epoch = meta->epoch;
    kith__store__agent_meta__free_unpacked(meta, NULL);
    return true;
}

static void take_causes(notice_t *notice, const Kith__Notice *said)
{
    notice->causes = calloc(said->n_caused_by + 1, sizeof *notice->causes);
    if (!notice->causes)
        abort();
    for (size_t i = 0; i < said->n_caused_by; i++)
        notice->causes_count += copy_id(said->caused_by[i], &notice->causes[notice->causes_count]);
}

/* What a notice answers; empty: nothing. */
static ProtobufCBinaryData answered(const Kith__Notice *said)
{
    switch (said->body_case) {
    case KITH__NOTICE__BODY_REPLY:
        return said->reply->alert;
    case KITH__NOTICE__BODY_REFERRAL_ANSWER:
        return said->referral_answer->referral;
    case KITH__NOTICE__BODY_ALERT_CHANGE:
        return said->alert_change->alert;
    case KITH__NOTICE__BODY_DISAGREEMENT:
        return said->disagreement->disagreement;
    case KITH__NOTICE__BODY_ASSESSMENT:
        return said->assessment->step == KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED
                   ? (ProtobufCBinaryData){0}
                   : said->assessment->assessment;
    case KITH__NOTICE__BODY_SMALL_HELP:
        return said->small_help->help;
    default: /* lint: allow default, because every other body stands for itself */
        return (ProtobufCBinaryData){0};
    }
}

static void take_answered(notice_t *notice, const Kith__Notice *said)
{
    notice_id_t id;
    notice->cause_unsaid = copy_id(answered(said), &id);
    for (size_t i = 0; i < notice->causes_count; i++)
        notice->cause_unsaid &= !same_id(&notice->causes[i], &id);
}

static bool take_notice(agent_t *agent, row_t *row)
{
    Kith__Store__StoredNotice *stored = UNPACK(kith__store__stored_notice, row);
    Kith__Notice *said =
        stored ? kith__notice__unpack(NULL, stored->notice.len, stored->notice.data) : NULL;
    notice_t *notice = list_add(&agent->notices, sizeof *notice);
    read_id(&row->key, &notice->id);
    bool good = said && at_end(&row->key) && said->id.len == ID_SIZE &&
                memcmp(said->id.data, &notice->id, ID_SIZE) == 0;
    if (good) {
        notice->mine = stored->mine;
        notice->bytes_sum = sum_of(stored->notice);
        notice->bytes_size = stored->notice.len;
        take_causes(notice, said);
        take_answered(notice, said);
    }
    kith__notice__free_unpacked(said, NULL);
    kith__store__stored_notice__free_unpacked(stored, NULL);
    return good;
}

static bool take_debt(agent_t *agent, row_t *row)
{
    Kith__Store__Debt *stored = UNPACK(kith__store__debt, row);
    debt_t *debt = list_add(&agent->debts, sizeof *debt);
    read_id(&row->key, &debt->id);
    read_name(&row->key, debt->recipient);
    if (!stored)
        return false;
    debt->recipient_epoch = stored->recipient_epoch;
    debt->lane = stored->lane;
    debt->outcome = (int)stored->outcome;
    debt->n = stored->n;
    debt->expired = stored->expired;
    debt->at_the_hub = stored->broker[0] != '\0';
    kith__store__debt__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

static bool take_applied(agent_t *agent, row_t *row)
{
    applied_t *applied = list_add(&agent->applied, sizeof *applied);
    read_name(&row->key, applied->origin);
    read_id(&row->key, &applied->id);
    return at_end(&row->key);
}

/* Do the signed bytes name this stream, this number and this recipient? */
static bool header_fits(const agent_t *agent, taken_t *taken, ProtobufCBinaryData bytes)
{
    Kith__Header *header = kith__header__unpack(NULL, bytes.len, bytes.data);
    bool fits = false;
    for (size_t i = 0; header && header->id && i < header->n_slots; i++) {
        const Kith__Slot *slot = header->slots[i];
        fits |= strcmp(slot->agency, agent->name) == 0 && slot->n == taken->n &&
                slot->epoch == taken->stream.own_epoch &&
                strcmp(header->id->origin, taken->stream.peer) == 0 &&
                header->id->epoch == taken->stream.peer_epoch;
    }
    if (header && header->id)
        taken->seq = header->id->seq;
    if (header) {
        taken->version = header->partnership_version;
        copy_text(taken->topic_class, NAME_SIZE, header->topic_class);
        kith__header__free_unpacked(header, NULL);
    }
    return fits;
}

static bool take_taken(agent_t *agent, row_t *row)
{
    Kith__Store__TakenRow *stored = UNPACK(kith__store__taken_row, row);
    taken_t *taken = list_add(&agent->taken, sizeof *taken);
    read_in_stream(&row->key, &taken->stream);
    taken->n = read_number(&row->key, 8);
    if (!stored)
        return false;
    taken->outcome = (int)stored->outcome;
    (void)copy_id(stored->notice_id, &taken->id);
    copy_digest(stored->chain, taken->chain);
    copy_digest(stored->digest, taken->digest);
    taken->header_fits = header_fits(agent, taken, stored->header);
    kith__store__taken_row__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

static bool take_quarantine(agent_t *agent, row_t *row)
{
    Kith__Store__QuarantineRow *stored = UNPACK(kith__store__quarantine_row, row);
    taken_t *taken = list_add(&agent->quarantined, sizeof *taken);
    read_in_stream(&row->key, &taken->stream);
    taken->n = read_number(&row->key, 8);
    if (!stored)
        return false;
    taken->whole = stored->notice.len || (stored->envelope && stored->envelope->content.len);
    kith__store__quarantine_row__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

static bool take_parked(agent_t *agent, row_t *row)
{
    taken_t *taken = list_add(&agent->parked, sizeof *taken);
    read_in_stream(&row->key, &taken->stream);
    taken->n = read_number(&row->key, 8);
    return at_end(&row->key);
}

static bool take_in_stream(agent_t *agent, row_t *row)
{
    Kith__Store__InStream *stored = UNPACK(kith__store__in_stream, row);
    mark_t *mark = list_add(&agent->in, sizeof *mark);
    read_in_stream(&row->key, &mark->stream);
    if (!stored)
        return false;
    mark->mark = stored->mark;
    copy_digest(stored->chain, mark->chain);
    kith__store__in_stream__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

static void read_out_stream(reader_t *reader, stream_t *ret_stream)
{
    ret_stream->lane = (int)read_number(reader, 1);
    read_name(reader, ret_stream->peer);
    ret_stream->peer_epoch = (uint32_t)read_number(reader, 4);
}

static bool take_slot(agent_t *agent, row_t *row)
{
    Kith__Store__OutSlot *stored = UNPACK(kith__store__out_slot, row);
    slot_t *slot = list_add(&agent->slots, sizeof *slot);
    read_out_stream(&row->key, &slot->stream);
    slot->n = read_number(&row->key, 8);
    if (!stored)
        return false;
    copy_digest(stored->digest, slot->digest);
    copy_text(slot->broker, NAME_SIZE, stored->broker);
    if (stored->broker_epoch.len == ID_SIZE)
        memcpy(slot->broker_epoch, stored->broker_epoch.data, ID_SIZE);
    slot->voided = stored->void_seq != 0;
    kith__store__out_slot__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

static bool take_out_stream(agent_t *agent, row_t *row)
{
    Kith__Store__OutStream *stored = UNPACK(kith__store__out_stream, row);
    mark_t *mark = list_add(&agent->out, sizeof *mark);
    read_out_stream(&row->key, &mark->stream);
    if (!stored)
        return false;
    mark->mark = stored->receipted;
    mark->last = stored->last;
    copy_digest(stored->chain, mark->chain);
    kith__store__out_stream__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

/* A line that the agency's own clock brought names a notice and shows it not: it has no topic. */
static bool take_feed(agent_t *agent, row_t *row)
{
    Kith__Store__FeedRow *stored = UNPACK(kith__store__feed_row, row);
    feed_t read = {.seq = read_number(&row->key, 8)};
    if (!stored)
        return false;
    bool of_notice = *stored->topic != '\0';
    bool whole = copy_id(stored->notice_id, &read.id) || !of_notice;
    read.early = stored->early;
    read.cause_flagged = stored->cause_missing;
    /* What was snoozed comes again, and its later line stands for it. */
    read.replaced = stored->replaced;
    kith__store__feed_row__free_unpacked(stored, NULL);
    if (whole && of_notice)
        *(feed_t *)list_add(&agent->feed, sizeof read) = read;
    return whole && at_end(&row->key);
}

static bool take_token(agent_t *agent, row_t *row)
{
    Kith__Store__Token *stored = UNPACK(kith__store__token, row);
    token_t *token = list_add(&agent->tokens, sizeof *token);
    size_t size = row->key.left;
    if (!stored || size > (sizeof token->hex - 1) / 2)
        return false;
    for (size_t i = 0; i < size; i++) {
        static const char digits[] = "0123456789abcdef";
        token->hex[2 * i] = digits[row->key.at[i] >> 4];
        token->hex[2 * i + 1] = digits[row->key.at[i] & 15];
    }
    bool good = copy_id(stored->notice_id, &token->id);
    kith__store__token__free_unpacked(stored, NULL);
    return good;
}

static bool take_owed(agent_t *agent, row_t *row)
{
    Kith__Store__OwedRow *stored = UNPACK(kith__store__owed_row, row);
    owed_t *owed = list_add(&agent->owed, sizeof *owed);
    read_name(&row->key, owed->recipient);
    if (!stored)
        return false;
    owed->sent = stored->sent;
    owed->stored_here = stored->stored_here;
    owed->at_the_hub = stored->at_the_hub;
    owed->delivered = stored->delivered;
    owed->refused = stored->refused;
    owed->quarantined = stored->quarantined;
    owed->expired = stored->expired;
    kith__store__owed_row__free_unpacked(stored, NULL);
    return at_end(&row->key);
}

/* Of any kind: only those about an outcome are asked for. */
static bool take_task(agent_t *agent, row_t *row)
{
    Kith__Store__TaskRow *stored = UNPACK(kith__store__task_row, row);
    told_t *told = list_add(&agent->told, sizeof *told);
    if (!stored)
        return false;
    (void)copy_id(stored->notice_id, &told->id);
    copy_text(told->recipient, NAME_SIZE, stored->agency);
    copy_text(told->kind, WORD_SIZE, stored->kind);
    kith__store__task_row__free_unpacked(stored, NULL);
    return true;
}

#define COUNTED(name, field)                                                                       \
    static bool take_##name(agent_t *agent, row_t *row)                                            \
    {                                                                                              \
        (void)row;                                                                                 \
        agent->field++;                                                                            \
        return true;                                                                               \
    }
COUNTED(unsealed, unsealed)
COUNTED(envelope, envelopes)
COUNTED(look, looks)

static const struct {
    const char *table;
    bool (*take)(agent_t *agent, row_t *row);
} tables[] = {
    {"meta", take_meta},
    {"notices", take_notice},
    {"debts", take_debt},
    {"applied", take_applied},
    {"taken", take_taken},
    {"quarantine", take_quarantine},
    {"in_streams", take_in_stream},
    {"out_streams", take_out_stream},
    {"feed", take_feed},
    {"tokens", take_token},
    {"owed", take_owed},
    {"tasks", take_task},
    {"unsealed", take_unsealed},
    {"out", take_slot},
    {"envelopes", take_envelope},
    {"parked", take_parked},
    {"looks", take_look},
};

static agent_t *agent_named(judge_t *self, const char *name)
{
    agent_t *agent = judge_agent(self, name);
    if (!agent) {
        agent = list_add(&self->agents, sizeof *agent);
        copy_text(agent->name, NAME_SIZE, name);
    }
    return agent;
}

bool judge_agent_row(judge_t *self, const char *agency, const char *table, const void *key,
                     size_t key_size, const void *value, size_t value_size, const char **ret_why)
{
    row_t row = {.key = {key, key_size, false}, .size = value_size, .value = value};
    agent_t *agent = agent_named(self, agency);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (strcmp(tables[i].table, table) != 0)
            continue;
        if (tables[i].take(agent, &row))
            return true;
        *ret_why = "key or record are not what proto/store.proto says of this table";
        return false;
    }
    return true;
}

void judge_away(judge_t *self, const char *agency)
{
    agent_named(self, agency)->away = true;
}
