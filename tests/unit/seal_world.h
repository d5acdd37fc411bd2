/* Three agencies with keys and one agreement, for tests of io/seal; police sends to the others. */
#pragma once

#include "io/seal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

enum { POLICE, HOUSING, SOCIAL_CARE, AGENCIES };
static const char *const names[AGENCIES] = {"police", "housing", "social-care"};

typedef struct world {
    kith_arena_t *arena;
    kith_keys_t *keys[AGENCIES];
    seal_cache_t *cache[AGENCIES];
    kith_agency_t agencies[AGENCIES];
    kith_topic_t topic;
    kith_clause_t clause;
    const char *star[1], *classes[1], *from[1];
    kith_agreement_t agreement;
} world_t;

static inline kith_bytes_t run(const void *data, size_t size)
{
    return (kith_bytes_t){data, size};
}

static inline kith_bytes_t view(ProtobufCBinaryData data)
{
    return run(data.data, data.len);
}

static inline ProtobufCBinaryData field(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){.len = bytes.size, .data = (uint8_t *)bytes.data};
}

static inline kith_keys_t *new_keys(void)
{
    char folder[] = "test_seal_XXXXXX", path[64];
    const char *const files[] = {"transport.key", "signing.key", "sealing.key", "public.txt"};
    const char *wrong = NULL;
    kith_keys_t *keys = NULL;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(keys_make(folder, true), KITH_OK);
    assert_int_equal(keys_load(folder, true, &keys, &wrong), KITH_OK);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    return keys;
}

static inline void ring_of(kith_keyring_t *ring, const uint8_t key[32])
{
    ring->count = 1;
    memcpy(ring->keys[0].key, key, 32);
    keys_name(key, ring->keys[0].name);
    ring->keys[0].state = KITH_KEY_CURRENT;
}

static inline int begin(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->arena = kith_arena_new(64u << 20);
    for (int i = 0; i < AGENCIES; i++) {
        w->keys[i] = new_keys();
        w->cache[i] = seal_cache_new();
        w->agencies[i] = (kith_agency_t){.id = names[i], .name = names[i], .phone = "", .epoch = 1};
        ring_of(&w->agencies[i].signing, keys_public(w->keys[i], KEYS_SIGNING));
        ring_of(&w->agencies[i].sealing, keys_public(w->keys[i], KEYS_SEALING));
    }
    w->star[0] = "*";
    w->classes[0] = "event";
    w->from[0] = "police";
    w->topic = (kith_topic_t){.name = "police.call-out",
                              .topic_class = "event",
                              .type = KITH__NOTICE__BODY_EVENT,
                              .lane = KITH__LANE__LANE_NORMAL};
    w->clause = (kith_clause_t){.id = "4.1",
                                .classes_count = 1,
                                .from_count = 1,
                                .to_count = 1,
                                .classes = w->classes,
                                .from = w->from,
                                .to = w->star};
    w->agreement = (kith_agreement_t){.partnership = "exampletown",
                                      .version = 1,
                                      .front_door = "social-care",
                                      .agencies_count = AGENCIES,
                                      .topics_count = 1,
                                      .clauses_count = 1,
                                      .agencies = w->agencies,
                                      .topics = &w->topic,
                                      .clauses = &w->clause};
    *state = w;
    return 0;
}

static inline int end(void **state)
{
    world_t *w = *state;
    for (int i = 0; i < AGENCIES; i++) {
        keys_destroy(&w->keys[i]);
        seal_cache_destroy(&w->cache[i]);
        assert_null(w->cache[i]);
        seal_cache_destroy(&w->cache[i]);
    }
    kith_arena_destroy(&w->arena);
    free(w);
    return 0;
}

/* A header as the core fills it: police to housing and social care. */
static inline Kith__Header *new_header(world_t *w, uint64_t seq)
{
    Kith__Header *header = kith_arena_need(w->arena, sizeof *header);
    kith__header__init(header);
    header->partnership = kith_arena_str(w->arena, "exampletown");
    header->partnership_version = 1;
    header->id = kith_arena_need(w->arena, sizeof *header->id);
    kith__envelope_id__init(header->id);
    header->id->origin = kith_arena_str(w->arena, "police");
    header->id->epoch = 1;
    header->id->lane = KITH__LANE__LANE_NORMAL;
    header->id->seq = seq;
    header->n_slots = 2;
    header->slots = kith_arena_need(w->arena, 2 * sizeof *header->slots);
    for (int i = 0; i < 2; i++) {
        Kith__Slot *slot = kith_arena_need(w->arena, sizeof *slot);
        kith__slot__init(slot);
        slot->agency = kith_arena_str(w->arena, names[HOUSING + i]);
        slot->epoch = 1;
        slot->n = seq;
        header->slots[i] = slot;
    }
    header->topic_class = kith_arena_str(w->arena, "event");
    header->clause = kith_arena_str(w->arena, "4.1");
    header->created_ms = 1767225600000;
    return header;
}

static const uint8_t notice_id[16] = {1, 2, 3};

/* Body and topic fit; a test then changes one thing. */
static inline Kith__Notice *new_notice(world_t *w, const char *narrative)
{
    Kith__Notice *notice = kith_arena_need(w->arena, sizeof *notice);
    Kith__Event *event = kith_arena_need(w->arena, sizeof *event);
    kith__notice__init(notice);
    kith__event__init(event);
    event->kind = kith_arena_str(w->arena, "call-out");
    event->narrative = kith_arena_str(w->arena, narrative);
    notice->id = field(run(notice_id, 16));
    notice->origin = kith_arena_str(w->arena, "police");
    notice->topic = kith_arena_str(w->arena, "police.call-out");
    notice->body_case = KITH__NOTICE__BODY_EVENT;
    notice->event = event;
    return notice;
}

static inline seal_job_t seal_bytes(world_t *w, kith_bytes_t notice)
{
    seal_job_t job = {.header = new_header(w, 1), .notice = notice};
    seal_batch(w->cache[POLICE], w->keys[POLICE], &w->agreement, w->arena, &job, 1);
    return job;
}

static inline seal_job_t seal_notice(world_t *w, const Kith__Notice *notice)
{
    return seal_bytes(w, KITH_PACK(w->arena, notice));
}

static inline Kith__Reason verify(world_t *w, const Kith__Envelope *envelope)
{
    Kith__Header *header = NULL;
    kith_digest_t digest;
    Kith__Reason reason =
        seal_verify(w->cache[HOUSING], &w->agreement, w->arena, envelope, &header, &digest);
    kith_digest_t leaf = kith_header_digest(keys_hash, view(envelope->header));
    assert_memory_equal(&digest, &leaf, sizeof leaf);
    if (reason == KITH__REASON__REASON_MALFORMED)
        assert_null(header);
    else
        assert_non_null(header);
    return reason;
}

/* What `agency` finds in a verified envelope. */
static inline Kith__Reason open_as(world_t *w, int agency, const Kith__Envelope *envelope,
                                   kith_bytes_t *ret_notice)
{
    Kith__Header *header = NULL;
    Kith__Notice *notice = NULL;
    kith_digest_t digest;
    bool again = false;
    assert_int_equal(
        seal_verify(w->cache[agency], &w->agreement, w->arena, envelope, &header, &digest), 0);
    Kith__Reason reason = seal_open(w->cache[agency], w->keys[agency], &w->agreement, w->arena,
                                    names[agency], envelope, header, &notice, ret_notice, &again);
    if (reason)
        assert_null(notice);
    else
        assert_memory_equal(notice->id.data, notice_id, 16);
    return reason;
}

static inline Kith__Reason opens(world_t *w, const seal_job_t *job)
{
    kith_bytes_t bytes;
    return open_as(w, HOUSING, job->ret_envelope, &bytes);
}

/* Signs a header as `agency`, alone in its tree. */
static inline Kith__Envelope *sign_alone(world_t *w, int agency, Kith__Header *header,
                                         kith_bytes_t content)
{
    char *name = kith_arena_need(w->arena, KITH_KEY_NAME_SIZE);
    keys_name(keys_public(w->keys[agency], KEYS_SIGNING), name);
    header->signing_key = name;
    Kith__Envelope *envelope = kith_arena_need(w->arena, sizeof *envelope);
    kith__envelope__init(envelope);
    kith_bytes_t packed = KITH_PACK(w->arena, header);
    kith_digest_t leaf = kith_header_digest(keys_hash, packed);
    uint8_t *signature = kith_arena_need(w->arena, 64);
    keys_sign(w->keys[agency], KITH_TAG_ROOT, kith_digest_bytes(&leaf), signature);
    envelope->header = field(packed);
    envelope->content = field(content);
    envelope->proof = kith_arena_need(w->arena, sizeof *envelope->proof);
    kith__proof__init(envelope->proof);
    envelope->proof->count = 1;
    envelope->proof->signature = field(run(signature, 64));
    return envelope;
}
