/* Envelopes with keys: see io/seal.h. How each byte is made stands in proto/PROTOCOL.md. */
#include "io/seal.h"

#include "base/bug.h"
#include "base/credit.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_KEY_BYTES 32u
#define WRAP_BYTES        (CONTENT_KEY_BYTES + KEYS_AEAD_EXTRA_BYTES)
#define SALT_BYTES        16u
/* Partnership, origin and recipient are names; with two numbers and a lane. */
#define WRAP_EXTRA_BYTES 256u
/* Both tables are direct-mapped: a newcomer takes the place of what stood there. */
#define FITTED_MAX 1024u
#define PAIRS_MAX  1024u

/* A signature that was checked and fitted. */
typedef struct fitted {
    uint8_t public_key[32], root[32], signature[KEYS_SIGNATURE_BYTES];
} fitted_t;

/* A wrapping key, either side's: X25519 costs about as much as a signature. */
typedef struct pair {
    uint8_t sender_half[32], recipient_public[32], key[32];
} pair_t;

typedef struct secrets {
    keys_half_t half;
    pair_t pairs[PAIRS_MAX];
} secrets_t;

struct seal_cache {
    fitted_t fitted[FITTED_MAX];
    secrets_t *secrets;
};

seal_cache_t *seal_cache_new(void)
{
    seal_cache_t *cache = calloc(1, sizeof *cache);
    KITH_ASSERT(cache);
    cache->secrets = keys_alloc(sizeof *cache->secrets);
    keys_half_make(&cache->secrets->half);
    return cache;
}

void seal_cache_renew(seal_cache_t *cache)
{
    keys_wipe(cache->secrets, sizeof *cache->secrets);
    keys_half_make(&cache->secrets->half);
}

void seal_cache_destroy(seal_cache_t **self_p)
{
    if (!*self_p)
        return;
    keys_free((*self_p)->secrets);
    free(*self_p);
    *self_p = NULL;
}

static kith_bytes_t run(const void *data, size_t size)
{
    return (kith_bytes_t){data, size};
}

static kith_bytes_t view(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}

/* protobuf-c's fields are not const; nothing writes through them. */
static ProtobufCBinaryData field(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){.len = bytes.size, .data = (uint8_t *)bytes.data};
}

/* ---- verifying ---- */

/* The slot index is taken from bytes that are already spread evenly: a hash, or a public key. */
static size_t place_of(const uint8_t *spread, size_t places)
{
    return ((size_t)spread[0] | (size_t)spread[1] << 8) % places;
}

static bool root_fits(seal_cache_t *cache, const uint8_t public_key[32], const kith_digest_t *root,
                      kith_bytes_t signature)
{
    if (signature.size != KEYS_SIGNATURE_BYTES)
        return false;
    fitted_t *known = &cache->fitted[place_of(root->bytes, FITTED_MAX)];
    if (memcmp(known->public_key, public_key, 32) == 0 &&
        memcmp(known->root, root->bytes, 32) == 0 &&
        memcmp(known->signature, signature.data, KEYS_SIGNATURE_BYTES) == 0)
        return true;
    if (!keys_verify(public_key, KITH_TAG_ROOT, kith_digest_bytes(root), signature))
        return false;
    memcpy(known->public_key, public_key, 32);
    memcpy(known->root, root->bytes, 32);
    memcpy(known->signature, signature.data, KEYS_SIGNATURE_BYTES);
    return true;
}

static Kith__Reason allowed_key(const kith_keyring_t *ring, const char *name,
                                const kith_public_key_t **ret_key)
{
    const kith_public_key_t *key = kith_keyring_find(ring, name);
    if (!key)
        return KITH__REASON__REASON_UNKNOWN_KEY;
    switch (key->state) {
    case KITH_KEY_CURRENT:
    case KITH_KEY_RETIRED: /* what was made while it was current still verifies */
        *ret_key = key;
        return KITH__REASON__REASON_UNSPECIFIED;
    case KITH_KEY_REVOKED:
        *ret_key = key;
        if (KITH_BUG(38))
            return KITH__REASON__REASON_UNSPECIFIED;
        return KITH__REASON__REASON_KEY_REVOKED;
    }
    return KITH__REASON__REASON_UNKNOWN_KEY;
}

/* *ret_decoded is set unless this is MALFORMED. */
static Kith__Reason verify_header(seal_cache_t *cache, const kith_agreement_t *a,
                                  kith_arena_t *arena, kith_bytes_t header,
                                  const Kith__Proof *proof, Kith__Header **ret_decoded,
                                  const kith_digest_t *leaf)
{
    const char *wrong = NULL;
    if (kith_header_decode(arena, header, ret_decoded, &wrong))
        return KITH__REASON__REASON_MALFORMED;
    const Kith__Header *decoded = *ret_decoded;
    if (strcmp(decoded->partnership, a->partnership) != 0)
        return KITH__REASON__REASON_WRONG_PARTNERSHIP;
    const kith_agency_t *origin = kith_agreement_agency(a, decoded->id->origin);
    if (!origin)
        return KITH__REASON__REASON_NOT_YOUR_NAME;
    const kith_public_key_t *key = NULL;
    Kith__Reason reason = allowed_key(&origin->signing, decoded->signing_key, &key);
    if (reason)
        return reason;
    kith_digest_t root;
    if (!proof || kith_merkle_root(keys_hash, leaf, proof, &root) ||
        !root_fits(cache, key->key, &root, view(proof->signature)))
        return KITH__REASON__REASON_BAD_SIGNATURE;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* A void has no content; any other has one of a padded size. */
static bool content_shaped(const Kith__Header *header, kith_bytes_t content)
{
    if (header->void_)
        return content.size == 0;
    if (content.size <= KEYS_AEAD_EXTRA_BYTES)
        return false;
    size_t padded = content.size - KEYS_AEAD_EXTRA_BYTES;
    return kith_padded_size(padded) == padded;
}

Kith__Reason seal_verify(seal_cache_t *cache, const kith_agreement_t *a, kith_arena_t *arena,
                         const Kith__Envelope *envelope, Kith__Header **ret_header,
                         kith_digest_t *ret_digest)
{
    Kith__Reason reason = seal_verify_shown(cache, a, arena, view(envelope->header),
                                            envelope->proof, ret_header, ret_digest);
    if (reason)
        return reason;
    kith_bytes_t content = view(envelope->content);
    if (!content_shaped(*ret_header, content)) {
        *ret_header = NULL;
        return KITH__REASON__REASON_MALFORMED;
    }
    if ((*ret_header)->void_)
        return KITH__REASON__REASON_UNSPECIFIED;
    kith_digest_t digest = kith_hash1(keys_hash, KITH_TAG_CONTENT, content);
    if (!kith_bytes_equal(kith_digest_bytes(&digest), view((*ret_header)->content_digest)) &&
        !KITH_BUG(41))
        return KITH__REASON__REASON_BAD_SIGNATURE; /* not the content that was signed */
    return KITH__REASON__REASON_UNSPECIFIED;
}

Kith__Reason seal_verify_shown(seal_cache_t *cache, const kith_agreement_t *a, kith_arena_t *arena,
                               kith_bytes_t header, const Kith__Proof *proof,
                               Kith__Header **ret_header, kith_digest_t *ret_digest)
{
    Kith__Header *decoded = NULL;
    *ret_digest = kith_header_digest(keys_hash, header);
    Kith__Reason reason = verify_header(cache, a, arena, header, proof, &decoded, ret_digest);
    *ret_header = reason == KITH__REASON__REASON_MALFORMED ? NULL : decoded;
    return reason;
}

/* ---- the wrap ---- */

/* What a wrap is bound to: another agency that re-sends our ciphertext as its own opens nothing. */
static kith_bytes_t wrap_extra(const Kith__Header *header, const char *recipient,
                               char buffer[WRAP_EXTRA_BYTES])
{
    const Kith__EnvelopeId *id = header->id;
    int size = snprintf(buffer, WRAP_EXTRA_BYTES, "kith-wrap-1\n%s\n%s\n%u\n%s\n%llu\n%s",
                        header->partnership, id->origin, id->epoch,
                        kith_lane_index(id->lane) == KITH_LANE_URGENT ? "urgent" : "normal",
                        (unsigned long long)id->seq, recipient);
    KITH_ASSERT(size > 0 && (size_t)size < WRAP_EXTRA_BYTES); /* names are checked */
    return run(buffer, (size_t)size);
}

/* The remembered pair, or the place for it with its key still to be made (*ret_known false). */
static pair_t *pair_of(seal_cache_t *cache, const uint8_t sender_half[32],
                       const uint8_t recipient_public[32], bool *ret_known)
{
    uint8_t mixed[2] = {(uint8_t)(sender_half[0] ^ recipient_public[0]),
                        (uint8_t)(sender_half[1] ^ recipient_public[1])};
    pair_t *pair = &cache->secrets->pairs[place_of(mixed, PAIRS_MAX)];
    *ret_known = memcmp(pair->sender_half, sender_half, 32) == 0 &&
                 memcmp(pair->recipient_public, recipient_public, 32) == 0;
    return pair;
}

static void pair_set(pair_t *pair, const uint8_t sender_half[32],
                     const uint8_t recipient_public[32])
{
    memcpy(pair->sender_half, sender_half, 32);
    memcpy(pair->recipient_public, recipient_public, 32);
}

static const uint8_t *sender_wrap_key(seal_cache_t *cache, const uint8_t recipient_public[32])
{
    const keys_half_t *half = &cache->secrets->half;
    bool known = false;
    pair_t *pair = pair_of(cache, half->public_half, recipient_public, &known);
    if (!known) {
        /* The partnership file holds only keys that an agency made: a weak one is a bug there. */
        kith_err err = keys_wrap_key_sender(half, recipient_public, pair->key);
        KITH_ASSERT(!err);
        pair_set(pair, half->public_half, recipient_public);
    }
    return pair->key;
}

/* NULL: the sender's half is no usable key. */
static const uint8_t *recipient_wrap_key(seal_cache_t *cache, const kith_keys_t *keys,
                                         kith_bytes_t sender_half)
{
    if (sender_half.size != 32)
        return NULL;
    bool known = false;
    const uint8_t *own = keys_public(keys, KEYS_SEALING);
    pair_t *pair = pair_of(cache, sender_half.data, own, &known);
    if (!known) {
        uint8_t key[32];
        if (keys_wrap_key_recipient(keys, sender_half, key))
            return NULL;
        memcpy(pair->key, key, sizeof key);
        keys_wipe(key, sizeof key);
        pair_set(pair, sender_half.data, own);
    }
    return pair->key;
}

/* ---- opening ---- */

static Kith__Reason open_content_key(seal_cache_t *cache, const kith_keys_t *keys,
                                     const char *agency, const Kith__Header *header,
                                     uint8_t ret_key[CONTENT_KEY_BYTES])
{
    const Kith__Slot *slot = kith_header_slot(header, agency);
    char own_name[KITH_KEY_NAME_SIZE];
    keys_name(keys_public(keys, KEYS_SEALING), own_name);
    if (!slot || strcmp(slot->sealing_key, own_name) != 0 || slot->wrap.len != WRAP_BYTES)
        return KITH__REASON__REASON_CANNOT_OPEN;
    const uint8_t *wrap_key = recipient_wrap_key(cache, keys, view(header->sender_half));
    char buffer[WRAP_EXTRA_BYTES];
    if (!wrap_key || keys_aead_open(wrap_key, view(header->nonce), view(slot->wrap),
                                    wrap_extra(header, agency, buffer), ret_key))
        return KITH__REASON__REASON_CANNOT_OPEN;
    /* One ciphertext, one plaintext: all recipients were given the same key. */
    kith_digest_t commitment = kith_hash1(keys_hash, KITH_TAG_KEY, run(ret_key, CONTENT_KEY_BYTES));
    if (!kith_bytes_equal(kith_digest_bytes(&commitment), view(header->key_commitment)))
        return KITH__REASON__REASON_CANNOT_OPEN;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* ISO 7816-4: the content, 0x80, zeros. KITH_INVALID when there is no 0x80. */
static kith_err unpad(kith_bytes_t padded, kith_bytes_t *ret_content)
{
    size_t size = padded.size;
    while (size > 0 && padded.data[size - 1] == 0)
        size--;
    if (size == 0 || padded.data[size - 1] != 0x80)
        return KITH_INVALID;
    *ret_content = run(padded.data, size - 1);
    return KITH_OK;
}

static bool ids_shaped(const Kith__Notice *notice)
{
    if (notice->id.len != KITH_ID_BYTES)
        return false;
    if (notice->household.len != 0 && notice->household.len != KITH_ID_BYTES)
        return false;
    for (size_t i = 0; i < notice->n_caused_by; i++)
        if (notice->caused_by[i].len != KITH_ID_BYTES)
            return false;
    return true;
}

static Kith__Reason open_content(kith_arena_t *arena, const Kith__Envelope *envelope,
                                 const Kith__Header *header, const uint8_t key[CONTENT_KEY_BYTES],
                                 Kith__Content **ret_content, Kith__Notice **ret_notice)
{
    const Kith__Reason malformed = KITH__REASON__REASON_CONTENT_MALFORMED;
    kith_bytes_t cipher = view(envelope->content), bytes;
    size_t padded_size = cipher.size - KEYS_AEAD_EXTRA_BYTES;
    uint8_t *padded = kith_arena_need(arena, padded_size);
    if (keys_aead_open(key, view(header->nonce), cipher, run(NULL, 0), padded) ||
        unpad(run(padded, padded_size), &bytes))
        return malformed;
    const char *wrong = NULL;
    Kith__Content *content =
        (Kith__Content *)kith_message_unpack(arena, &kith__content__descriptor, bytes, &wrong);
    if (!content || content->notice.len > KITH_NOTICE_BYTES_MAX)
        return malformed;
    Kith__Notice *notice = (Kith__Notice *)kith_message_unpack(arena, &kith__notice__descriptor,
                                                               view(content->notice), &wrong);
    if (!notice || !ids_shaped(notice))
        return malformed;
    *ret_content = content;
    *ret_notice = notice;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* Is what was opened what the broker was shown, and allowed by the agreement? */
static Kith__Reason compare_outside(const kith_agreement_t *a, const char *agency,
                                    const Kith__Header *header, const Kith__Notice *notice)
{
    const kith_topic_t *topic = kith_agreement_topic(a, notice->topic);
    if (!topic || strcmp(topic->topic_class, header->topic_class) != 0 ||
        topic->type != notice->body_case || strcmp(notice->origin, header->id->origin) != 0 ||
        notice->exercise != header->exercise)
        return KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID;
    const kith_clause_t *clause = kith_agreement_clause(a, header->clause);
    if (KITH_BUG(40))
        return KITH__REASON__REASON_UNSPECIFIED;
    if (!clause)
        return KITH__REASON__REASON_UNKNOWN_CLAUSE;
    if (!kith_clause_covers(clause, notice->origin, agency, header->topic_class))
        return KITH__REASON__REASON_TOPIC_NOT_ALLOWED;
    return KITH__REASON__REASON_UNSPECIFIED;
}

Kith__Reason seal_open(seal_cache_t *cache, const kith_keys_t *keys, const kith_agreement_t *a,
                       kith_arena_t *arena, const char *agency, const Kith__Envelope *envelope,
                       const Kith__Header *header, Kith__Notice **ret_notice,
                       kith_bytes_t *ret_notice_bytes, bool *ret_again)
{
    KITH_ASSERT(!header->void_ && envelope->content.len > KEYS_AEAD_EXTRA_BYTES); /* verified */
    uint8_t key[CONTENT_KEY_BYTES];
    Kith__Content *content = NULL;
    Kith__Notice *notice = NULL;
    Kith__Reason reason = open_content_key(cache, keys, agency, header, key);
    if (!reason)
        reason = open_content(arena, envelope, header, key, &content, &notice);
    keys_wipe(key, sizeof key);
    if (!reason)
        reason = compare_outside(a, agency, header, notice);
    if (reason)
        return reason;
    *ret_notice = notice;
    *ret_notice_bytes = view(content->notice);
    *ret_again = content->again;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* ---- sealing ---- */

/* The padded Content, in a buffer with room for the tag behind it. */
static uint8_t *padded_content(kith_arena_t *arena, const seal_job_t *job, size_t *ret_padded)
{
    KITH_ASSERT(job->notice.size > 0 && job->notice.size <= KITH_NOTICE_BYTES_MAX);
    Kith__Content content = KITH__CONTENT__INIT;
    content.notice = field(job->notice);
    content.again = job->again;
    size_t size = kith__content__get_packed_size(&content);
    size_t padded = kith_padded_size(size + 1); /* padding is never empty */
    KITH_ASSERT(padded > size);
    uint8_t *data = kith_arena_need(arena, padded + KEYS_AEAD_EXTRA_BYTES);
    kith__content__pack(&content, data);
    data[size] = 0x80; /* zeros follow: the arena's memory is zeroed */
    *ret_padded = padded;
    return data;
}

/* What one envelope needs of it, drawn at once: each draw is a call into the kernel. */
typedef struct chance {
    uint8_t salt[SALT_BYTES], nonce[KEYS_NONCE_BYTES], key[CONTENT_KEY_BYTES];
} chance_t;

static ProtobufCBinaryData hash_field(kith_arena_t *arena, kith_tag tag, kith_bytes_t bytes)
{
    kith_digest_t digest = kith_hash1(keys_hash, tag, bytes);
    return field(kith_arena_copy(arena, kith_digest_bytes(&digest)));
}

static void wrap_slot(seal_cache_t *cache, const kith_agreement_t *a, kith_arena_t *arena,
                      const Kith__Header *header, Kith__Slot *slot, kith_bytes_t content_key)
{
    const kith_agency_t *agency = kith_agreement_agency(a, slot->agency);
    KITH_ASSERT(agency);
    const kith_public_key_t *key = kith_keyring_current(&agency->sealing);
    KITH_ASSERT(key);
    char buffer[WRAP_EXTRA_BYTES];
    uint8_t *wrap = kith_arena_need(arena, WRAP_BYTES);
    keys_aead_seal(sender_wrap_key(cache, key->key), header->nonce.data, content_key,
                   wrap_extra(header, slot->agency, buffer), wrap);
    slot->sealing_key = kith_arena_str(arena, key->name);
    slot->wrap = field(run(wrap, WRAP_BYTES));
}

/* Fills what stands outside for a sealed content, and returns the content. */
static kith_bytes_t seal_content(seal_cache_t *cache, const kith_agreement_t *a,
                                 kith_arena_t *arena, const seal_job_t *job, const chance_t *chance)
{
    Kith__Header *header = job->header;
    kith_bytes_t key = run(chance->key, sizeof chance->key);
    size_t padded = 0;
    uint8_t *data = padded_content(arena, job, &padded);
    header->nonce = field(kith_arena_copy(arena, run(chance->nonce, sizeof chance->nonce)));
    keys_aead_seal(key.data, header->nonce.data, run(data, padded), run(NULL, 0), data);
    kith_bytes_t content = run(data, padded + KEYS_AEAD_EXTRA_BYTES);
    header->content_digest = hash_field(arena, KITH_TAG_CONTENT, content);
    header->key_commitment = hash_field(arena, KITH_TAG_KEY, key);
    header->sender_half = field(kith_arena_copy(arena, run(cache->secrets->half.public_half, 32)));
    for (size_t i = 0; i < header->n_slots; i++)
        wrap_slot(cache, a, arena, header, header->slots[i], key);
    return content;
}

static void seal_one(seal_cache_t *cache, const kith_keys_t *keys, const kith_agreement_t *a,
                     kith_arena_t *arena, seal_job_t *job)
{
    Kith__Header *header = job->header;
    char *name = kith_arena_need(arena, KITH_KEY_NAME_SIZE);
    keys_name(keys_public(keys, KEYS_SIGNING), name);
    header->signing_key = name;
    chance_t chance;
    keys_random((uint8_t *)&chance, sizeof chance);
    header->salt = field(kith_arena_copy(arena, run(chance.salt, sizeof chance.salt)));
    kith_bytes_t content = {0};
    if (header->void_)
        KITH_ASSERT(job->notice.size == 0 && header->n_slots == 1);
    else
        content = seal_content(cache, a, arena, job, &chance);
    keys_wipe(&chance, sizeof chance);
    Kith__Envelope *envelope = kith_arena_need(arena, sizeof *envelope);
    kith__envelope__init(envelope);
    kith_bytes_t packed = KITH_PACK(arena, header);
    KITH_ASSERT(packed.size <= KITH_HEADER_BYTES_MAX);
    envelope->header = field(packed);
    envelope->content = field(content);
    job->ret_envelope = envelope;
    job->ret_digest = kith_header_digest(keys_hash, packed);
}

static Kith__Proof *make_proof(kith_arena_t *arena, const kith_merkle_t *tree, size_t index,
                               kith_bytes_t signature)
{
    kith_digest_t path[KITH_PATH_MAX];
    size_t steps = kith_merkle_path(tree, index, path);
    Kith__Proof *proof = kith_arena_need(arena, sizeof *proof);
    kith__proof__init(proof);
    proof->index = (uint32_t)index;
    proof->count = (uint32_t)tree->leaves_count;
    proof->n_path = steps;
    proof->path = kith_arena_need(arena, KITH_PATH_MAX * sizeof *proof->path);
    for (size_t i = 0; i < steps; i++)
        proof->path[i] = field(kith_arena_copy(arena, kith_digest_bytes(&path[i])));
    proof->signature = field(signature);
    return proof;
}

/* One signature over a tree of up to KITH_BATCH_MAX envelopes. */
static void sign_tree(const kith_keys_t *keys, kith_arena_t *arena, seal_job_t *jobs, size_t count)
{
    kith_digest_t leaves[KITH_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        leaves[i] = jobs[i].ret_digest;
    kith_merkle_t tree;
    kith_merkle_build(keys_hash, leaves, count, &tree);
    uint8_t *signature = kith_arena_need(arena, KEYS_SIGNATURE_BYTES);
    keys_sign(keys, KITH_TAG_ROOT, kith_digest_bytes(kith_merkle_top(&tree)), signature);
    for (size_t i = 0; i < count; i++)
        jobs[i].ret_envelope->proof =
            make_proof(arena, &tree, i, run(signature, KEYS_SIGNATURE_BYTES));
}

void seal_batch(seal_cache_t *cache, const kith_keys_t *keys, const kith_agreement_t *a,
                kith_arena_t *arena, seal_job_t *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        seal_one(cache, keys, a, arena, &jobs[i]);
    for (size_t i = 0; i < count; i += KITH_BATCH_MAX)
        sign_tree(keys, arena, jobs + i, count - i < KITH_BATCH_MAX ? count - i : KITH_BATCH_MAX);
}

/* ---- statements ---- */

Kith__Signed *seal_sign(const kith_keys_t *keys, kith_arena_t *arena, kith_tag tag,
                        kith_bytes_t statement)
{
    Kith__Signed *signed_ = kith_arena_need(arena, sizeof *signed_);
    kith__signed__init(signed_);
    uint8_t *signature = kith_arena_need(arena, KEYS_SIGNATURE_BYTES);
    keys_sign(keys, tag, statement, signature);
    signed_->statement = field(kith_arena_copy(arena, statement));
    signed_->signature = field(run(signature, KEYS_SIGNATURE_BYTES));
    return signed_;
}

Kith__Reason seal_verify_statement(const kith_keyring_t *ring, const char *key_name, kith_tag tag,
                                   const Kith__Signed *statement)
{
    const kith_public_key_t *key = NULL;
    Kith__Reason reason = allowed_key(ring, key_name, &key);
    if (reason)
        return reason;
    if (!keys_verify(key->key, tag, view(statement->statement), view(statement->signature)))
        return KITH__REASON__REASON_BAD_SIGNATURE;
    return KITH__REASON__REASON_UNSPECIFIED;
}
