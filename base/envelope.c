/* A header's decoding and rules; lanes and sizes. */
#include "base/envelope.h"

#include "base/credit.h"
#include "base/text.h"

#include <string.h>

enum { WRAP_BYTES = 48, NONCE_BYTES = 24, SALT_BYTES = 16 };

/* Each rule names the field it is about; NULL: all kept. */
typedef const char *rule_t;

static rule_t id_rule(const Kith__EnvelopeId *id)
{
    if (id == NULL) {
        return "id";
    }
    if (!kith_text_name(id->origin)) {
        return "origin";
    }
    if (id->epoch == 0) {
        return "epoch";
    }
    if (kith_lane_index(id->lane) < 0) {
        return "lane";
    }
    return id->seq == 0 ? "seq" : NULL;
}

static rule_t slot_rule(const Kith__Slot *slot, bool is_void)
{
    if (!kith_text_name(slot->agency)) {
        return "agency";
    }
    if (slot->epoch == 0) {
        return "epoch";
    }
    if (slot->n == 0) {
        return "n";
    }
    if (is_void ? slot->sealing_key[0] != '\0' : !kith_text_name(slot->sealing_key)) {
        return "sealing_key";
    }
    return slot->wrap.len != (is_void ? 0 : WRAP_BYTES) ? "wrap" : NULL;
}

static rule_t slots_rule(const Kith__Header *header)
{
    bool is_void = header->void_ != NULL;
    if (header->n_slots == 0 || header->n_slots > (is_void ? 1 : KITH_SLOTS_MAX)) {
        return "slots";
    }
    for (size_t i = 0; i < header->n_slots; i++) {
        rule_t broken = slot_rule(header->slots[i], is_void);
        if (broken != NULL) {
            return broken;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(header->slots[i]->agency, header->slots[j]->agency) == 0) {
                return "slots";
            }
        }
    }
    return NULL;
}

/* What belongs to the seal: exact sizes; a void has no content and may leave it out. */
static rule_t seal_rule(const Kith__Header *header)
{
    const struct {
        const char *name;
        size_t size, wanted;
    } fields[] = {
        {"content_digest", header->content_digest.len, KITH_DIGEST_BYTES},
        {"key_commitment", header->key_commitment.len, KITH_DIGEST_BYTES},
        {"sender_half", header->sender_half.len, 32},
        {"nonce", header->nonce.len, NONCE_BYTES},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        bool left_out = header->void_ != NULL && fields[i].size == 0;
        if (fields[i].size != fields[i].wanted && !left_out) {
            return fields[i].name;
        }
    }
    return header->salt.len != SALT_BYTES ? "salt" : NULL;
}

/* A void needs no clause and says what it replaces and why; all others stand under a clause. */
static rule_t purpose_rule(const Kith__Header *header)
{
    const Kith__Void *gap = header->void_;
    if (gap == NULL) {
        if (!kith_text_name(header->topic_class)) {
            return "topic_class";
        }
        return kith_text_name(header->clause) ? NULL : "clause";
    }
    if (header->topic_class[0] != '\0' && !kith_text_name(header->topic_class)) {
        return "topic_class";
    }
    if (header->clause[0] != '\0') {
        return "clause";
    }
    if (gap->replaces.len != KITH_DIGEST_BYTES) {
        return "replaces";
    }
    return gap->reason == KITH__REASON__REASON_UNSPECIFIED ? "reason" : NULL;
}

static rule_t header_rule(const Kith__Header *header)
{
    if (!kith_text_name(header->partnership)) {
        return "partnership";
    }
    if (header->partnership_version == 0) {
        return "partnership_version";
    }
    rule_t broken = id_rule(header->id);
    if (broken == NULL) {
        broken = slots_rule(header);
    }
    if (broken == NULL && !kith_text_name(header->signing_key)) {
        broken = "signing_key";
    }
    if (broken == NULL && header->created_ms < 0) {
        broken = "created_ms";
    }
    if (broken == NULL) {
        broken = purpose_rule(header);
    }
    return broken != NULL ? broken : seal_rule(header);
}

kith_err kith_header_decode(kith_arena_t *arena, kith_bytes_t header, Kith__Header **ret_header,
                            const char **ret_field)
{
    if (header.size > KITH_HEADER_BYTES_MAX) {
        *ret_field = "header";
        return KITH_INVALID;
    }
    ProtobufCMessage *message =
        kith_message_unpack(arena, &kith__header__descriptor, header, ret_field);
    if (message == NULL) {
        return KITH_INVALID;
    }
    Kith__Header *decoded = (Kith__Header *)message;
    rule_t broken = header_rule(decoded);
    if (broken != NULL) {
        *ret_field = broken;
        return KITH_INVALID;
    }
    *ret_header = decoded;
    return KITH_OK;
}

const Kith__Slot *kith_header_slot(const Kith__Header *header, const char *agency)
{
    for (size_t i = 0; i < header->n_slots; i++) {
        if (strcmp(header->slots[i]->agency, agency) == 0) {
            return header->slots[i];
        }
    }
    return NULL;
}

size_t kith_padded_size(size_t content_size)
{
    static const size_t STEPS[] = {1024, 4096, 16384, 65536, KITH_CONTENT_BYTES_MAX};
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        if (content_size <= STEPS[i]) {
            return STEPS[i];
        }
    }
    return 0;
}

int kith_lane_index(Kith__Lane lane)
{
    if (lane == KITH__LANE__LANE_URGENT) {
        return KITH_LANE_URGENT;
    }
    return lane == KITH__LANE__LANE_NORMAL ? KITH_LANE_NORMAL : -1;
}

Kith__Lane kith_lane_of(int index)
{
    KITH_ASSERT(index == KITH_LANE_URGENT || index == KITH_LANE_NORMAL);
    return index == KITH_LANE_URGENT ? KITH__LANE__LANE_URGENT : KITH__LANE__LANE_NORMAL;
}
