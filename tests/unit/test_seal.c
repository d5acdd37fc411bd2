/* What one agency seals, its recipients open and nobody else; what was sealed otherwise gets its
 * own reason. */
#include "tests/unit/seal_world.h"

static void recipients_open_exactly_what_was_sealed(void **state)
{
    world_t *w = *state;
    kith_bytes_t notice = KITH_PACK(w->arena, new_notice(w, "door forced"));
    seal_job_t job = seal_bytes(w, notice);
    assert_int_equal(job.ret_envelope->content.len, 1024 + 16);
    for (int agency = HOUSING; agency <= SOCIAL_CARE; agency++) {
        for (int twice = 0; twice < 2; twice++) { /* the second time by the remembered key */
            kith_bytes_t opened;
            assert_int_equal(open_as(w, agency, job.ret_envelope, &opened), 0);
            assert_true(kith_bytes_equal(opened, notice));
        }
    }
    assert_null(memmem(job.ret_envelope->content.data, job.ret_envelope->content.len, "forced", 6));
}

static void again_comes_through(void **state)
{
    world_t *w = *state;
    for (int again = 0; again < 2; again++) {
        seal_job_t job = {.header = new_header(w, 1),
                          .notice = KITH_PACK(w->arena, new_notice(w, "")),
                          .again = again};
        seal_batch(w->cache[POLICE], w->keys[POLICE], &w->agreement, w->arena, &job, 1);
        Kith__Notice *notice = NULL;
        kith_bytes_t bytes;
        bool found = !again;
        assert_int_equal(seal_open(w->cache[HOUSING], w->keys[HOUSING], &w->agreement, w->arena,
                                   "housing", job.ret_envelope, job.header, &notice, &bytes,
                                   &found),
                         0);
        assert_int_equal(found, again);
    }
}

static void nobody_else_opens_it(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    kith_bytes_t bytes;
    assert_int_equal(open_as(w, POLICE, job.ret_envelope, &bytes),
                     KITH__REASON__REASON_CANNOT_OPEN);
}

static void a_replaced_sealing_key_cannot_open(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    keys_destroy(&w->keys[HOUSING]);
    w->keys[HOUSING] = new_keys();
    assert_int_equal(opens(w, &job), KITH__REASON__REASON_CANNOT_OPEN);
}

static void another_agency_cannot_send_our_sealed_content_as_its_own(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    job.header->id->origin = kith_arena_str(w->arena, "social-care");
    Kith__Envelope *stolen =
        sign_alone(w, SOCIAL_CARE, job.header, view(job.ret_envelope->content));
    kith_bytes_t bytes;
    assert_int_equal(open_as(w, HOUSING, stolen, &bytes), KITH__REASON__REASON_CANNOT_OPEN);
}

static void a_wrap_belongs_to_its_number_lane_and_partnership(void **state)
{
    world_t *w = *state;
    for (int changed = 0; changed < 4; changed++) {
        seal_job_t job = seal_notice(w, new_notice(w, "x"));
        if (changed == 0)
            job.header->id->seq++;
        else if (changed == 1)
            job.header->id->lane = KITH__LANE__LANE_URGENT;
        else if (changed == 2)
            job.header->id->epoch++;
        Kith__Envelope *moved = sign_alone(w, POLICE, job.header, view(job.ret_envelope->content));
        kith_bytes_t bytes;
        assert_int_equal(open_as(w, HOUSING, moved, &bytes),
                         changed == 3 ? 0 : KITH__REASON__REASON_CANNOT_OPEN);
    }
}

static void same_notice_twice_looks_different(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = new_notice(w, "x");
    seal_job_t one = seal_notice(w, notice), two = seal_notice(w, notice);
    assert_memory_not_equal(&one.ret_digest, &two.ret_digest, sizeof one.ret_digest);
    assert_memory_not_equal(one.header->salt.data, two.header->salt.data, 16);
    assert_memory_not_equal(one.header->content_digest.data, two.header->content_digest.data, 32);
    assert_memory_equal(one.header->sender_half.data, two.header->sender_half.data, 32);
}

static void renewed_half_still_opens(void **state)
{
    world_t *w = *state;
    seal_job_t before = seal_notice(w, new_notice(w, "x"));
    seal_cache_renew(w->cache[POLICE]);
    seal_job_t after = seal_notice(w, new_notice(w, "x"));
    assert_memory_not_equal(before.header->sender_half.data, after.header->sender_half.data, 32);
    assert_int_equal(opens(w, &before), 0);
    assert_int_equal(opens(w, &after), 0);
}

static void content_is_padded_to_the_next_step(void **state)
{
    world_t *w = *state;
    char *text = kith_arena_need(w->arena, 70000);
    memset(text, 'a', 69999);
    const size_t steps[] = {1024, 4096, 16384, 65536};
    for (size_t i = 0; i < 4; i++) {
        Kith__Notice *notice = new_notice(w, "");
        Kith__Content content = KITH__CONTENT__INIT;
        size_t length = steps[i] - 200;
        /* the longest narrative with which the Content is one byte under the step */
        do {
            notice->event->narrative = text + 69999 - ++length;
            content.notice = field(KITH_PACK(w->arena, notice));
        } while (kith__content__get_packed_size(&content) < steps[i] - 1);
        if (length <= KITH_TEXT_BYTES_MAX) {
            seal_job_t job = seal_notice(w, notice);
            assert_int_equal(job.ret_envelope->content.len, steps[i] + 16);
            assert_int_equal(opens(w, &job), 0);
            notice->event->narrative = text + 69999 - ++length;
            job = seal_notice(w, notice);
            assert_int_equal(job.ret_envelope->content.len, steps[i] * 4 + 16);
            assert_int_equal(opens(w, &job), 0);
        }
    }
}

static void what_is_inside_must_be_what_stood_outside(void **state)
{
    world_t *w = *state;
    enum { TOPIC, ORIGIN, BODY, EXERCISE, CLASS, CASES };
    for (int i = 0; i < CASES; i++) {
        Kith__Notice *notice = new_notice(w, "x");
        if (i == TOPIC)
            notice->topic = kith_arena_str(w->arena, "police.other");
        else if (i == ORIGIN)
            notice->origin = kith_arena_str(w->arena, "housing");
        else if (i == EXERCISE)
            notice->exercise = true;
        else if (i == BODY)
            notice->body_case = KITH__NOTICE__BODY__NOT_SET;
        w->topic.topic_class = i == CLASS ? "safeguarding" : "event";
        seal_job_t job = seal_notice(w, notice);
        assert_int_equal(opens(w, &job), KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID);
    }
}

static void recipient_judges_the_clause_too(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    w->from[0] = "housing";
    assert_int_equal(opens(w, &job), KITH__REASON__REASON_TOPIC_NOT_ALLOWED);
    w->from[0] = "police";
    assert_int_equal(opens(w, &job), 0);
    w->clause.id = "4.2";
    assert_int_equal(opens(w, &job), KITH__REASON__REASON_UNKNOWN_CLAUSE);
}

static void notice_must_be_well_formed(void **state)
{
    world_t *w = *state;
    const Kith__Reason malformed = KITH__REASON__REASON_CONTENT_MALFORMED;
    seal_job_t job = seal_bytes(w, run("\xff\xff\xff", 3));
    assert_int_equal(opens(w, &job), malformed);
    Kith__Notice *notice = new_notice(w, "x");
    notice->id.len = 15;
    job = seal_notice(w, notice);
    assert_int_equal(opens(w, &job), malformed);
    notice = new_notice(w, "x");
    notice->household = field(run(notice_id, 3));
    job = seal_notice(w, notice);
    assert_int_equal(opens(w, &job), malformed);
    notice = new_notice(w, "x");
    ProtobufCBinaryData causes[2] = {field(run(notice_id, 16)), field(run(notice_id, 0))};
    notice->n_caused_by = 2;
    notice->caused_by = causes;
    job = seal_notice(w, notice);
    assert_int_equal(opens(w, &job), malformed);
    notice = new_notice(w, "\xc3(");
    job = seal_notice(w, notice);
    assert_int_equal(opens(w, &job), malformed);
}

/* Seals any plain bytes by hand, step by step as PROTOCOL.md says, for housing alone. */
typedef struct forgery {
    uint8_t content_key[32], sealed_with[32], committed[32];
    keys_half_t half;
    kith_bytes_t plain;
} forgery_t;

static forgery_t honest_forgery(kith_bytes_t plain)
{
    forgery_t forgery = {.plain = plain, .content_key = {1}, .sealed_with = {1}, .committed = {1}};
    keys_half_make(&forgery.half);
    return forgery;
}

static Kith__Envelope *forge(world_t *w, const forgery_t *f)
{
    static uint8_t nonce[24] = {5}, salt[16];
    const char *extra = "kith-wrap-1\nexampletown\npolice\n1\nnormal\n1\nhousing";
    Kith__Header *header = new_header(w, 1);
    uint8_t wrap_key[32], *wrap = kith_arena_need(w->arena, 48);
    uint8_t *content = kith_arena_need(w->arena, f->plain.size + 16);
    assert_int_equal(
        keys_wrap_key_sender(&f->half, w->agencies[HOUSING].sealing.keys[0].key, wrap_key), 0);
    keys_aead_seal(f->sealed_with, nonce, f->plain, run(NULL, 0), content);
    keys_aead_seal(wrap_key, nonce, run(f->content_key, 32), run(extra, strlen(extra)), wrap);
    kith_digest_t *digests = kith_arena_need(w->arena, 2 * sizeof *digests);
    digests[0] = kith_hash1(keys_hash, KITH_TAG_CONTENT, run(content, f->plain.size + 16));
    digests[1] = kith_hash1(keys_hash, KITH_TAG_KEY, run(f->committed, 32));
    header->n_slots = 1;
    header->slots[0]->sealing_key = w->agencies[HOUSING].sealing.keys[0].name;
    header->slots[0]->wrap = field(run(wrap, 48));
    header->content_digest = field(kith_digest_bytes(&digests[0]));
    header->key_commitment = field(kith_digest_bytes(&digests[1]));
    header->sender_half = field(kith_arena_copy(w->arena, run(f->half.public_half, 32)));
    header->nonce = field(run(nonce, 24));
    header->salt = field(run(salt, 16));
    return sign_alone(w, POLICE, header, run(content, f->plain.size + 16));
}

static kith_bytes_t padded(world_t *w, bool mark)
{
    Kith__Content content = KITH__CONTENT__INIT;
    content.notice = field(KITH_PACK(w->arena, new_notice(w, "by hand")));
    uint8_t *data = kith_arena_need(w->arena, 1024);
    size_t size = kith__content__pack(&content, data);
    data[size] = mark ? 0x80 : 0;
    return run(data, 1024);
}

static void envelope_made_by_hand_opens(void **state)
{
    world_t *w = *state;
    kith_bytes_t bytes;
    forgery_t f = honest_forgery(padded(w, true));
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes), 0);
}

static void padding_must_be_there(void **state)
{
    world_t *w = *state;
    kith_bytes_t bytes;
    static const uint8_t zeros[1024];
    forgery_t f = honest_forgery(padded(w, false));
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes),
                     KITH__REASON__REASON_CONTENT_MALFORMED);
    f = honest_forgery(run(zeros, sizeof zeros));
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes),
                     KITH__REASON__REASON_CONTENT_MALFORMED);
}

static void key_must_be_the_one_committed_to(void **state)
{
    world_t *w = *state;
    kith_bytes_t bytes;
    forgery_t f = honest_forgery(padded(w, true));
    f.committed[0] ^= 1;
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes), KITH__REASON__REASON_CANNOT_OPEN);
    f = honest_forgery(padded(w, true));
    f.sealed_with[0] ^= 1; /* the key is right, but the content was never sealed with it */
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes),
                     KITH__REASON__REASON_CONTENT_MALFORMED);
}

static void weak_or_wrong_sender_half_cannot_open(void **state)
{
    world_t *w = *state;
    kith_bytes_t bytes;
    forgery_t f = honest_forgery(padded(w, true));
    memset(f.half.public_half, 0, 32); /* every X25519 with it is zero */
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes), KITH__REASON__REASON_CANNOT_OPEN);
    keys_half_make(&f.half);
    f.half.public_half[3] ^= 1;
    assert_int_equal(open_as(w, HOUSING, forge(w, &f), &bytes), KITH__REASON__REASON_CANNOT_OPEN);
}

int main(void)
{
#define IN_WORLD(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        IN_WORLD(recipients_open_exactly_what_was_sealed),
        IN_WORLD(again_comes_through),
        IN_WORLD(nobody_else_opens_it),
        IN_WORLD(a_replaced_sealing_key_cannot_open),
        IN_WORLD(another_agency_cannot_send_our_sealed_content_as_its_own),
        IN_WORLD(a_wrap_belongs_to_its_number_lane_and_partnership),
        IN_WORLD(same_notice_twice_looks_different),
        IN_WORLD(renewed_half_still_opens),
        IN_WORLD(content_is_padded_to_the_next_step),
        IN_WORLD(what_is_inside_must_be_what_stood_outside),
        IN_WORLD(recipient_judges_the_clause_too),
        IN_WORLD(notice_must_be_well_formed),
        IN_WORLD(envelope_made_by_hand_opens),
        IN_WORLD(padding_must_be_there),
        IN_WORLD(key_must_be_the_one_committed_to),
        IN_WORLD(weak_or_wrong_sender_half_cannot_open),
    };
#undef IN_WORLD
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
