/* An envelope fits its signature or gets its own reason; statements too. */
#include "tests/unit/seal_world.h"

static void changed_content_is_not_what_was_signed(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    job.ret_envelope->content.data[100] ^= 1;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
}

static void content_of_no_padded_size_is_malformed(void **state)
{
    world_t *w = *state;
    const size_t sizes[] = {0, 1, 16, 17, 1024, 1039};
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        job.ret_envelope->content.len = sizes[i];
        assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_MALFORMED);
    }
}

static void header_that_is_none_is_malformed(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    kith_bytes_t whole = view(job.ret_envelope->header);
    job.ret_envelope->header.len = whole.size - 1;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_MALFORMED);
    job.ret_envelope->header.len = 0;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_MALFORMED);
}

static void changed_header_does_not_fit_its_signature(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    assert_int_equal(verify(w, job.ret_envelope), 0);
    job.header->slots[0]->n++;
    job.ret_envelope->header = field(KITH_PACK(w->arena, job.header));
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
}

static void proof_must_lead_to_the_signed_root(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    Kith__Proof *proof = job.ret_envelope->proof;
    assert_int_equal(verify(w, job.ret_envelope), 0); /* now remembered */
    proof->count = 2;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
    proof->count = 1;
    proof->signature.data[0] ^= 1;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
    proof->signature.data[0] ^= 1;
    proof->signature.len = 63;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
    proof->signature.len = 64;
    assert_int_equal(verify(w, job.ret_envelope), 0);
    job.ret_envelope->proof = NULL;
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
}

static void origin_and_partnership_must_be_known(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    w->agreement.partnership = "otherborough";
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_WRONG_PARTNERSHIP);
    w->agreement.partnership = "exampletown";
    w->agencies[POLICE].id = "constabulary";
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_NOT_YOUR_NAME);
}

static void revoked_key_verifies_nothing_retired_still_does(void **state)
{
    world_t *w = *state;
    kith_public_key_t *key = &w->agencies[POLICE].signing.keys[0];
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    assert_int_equal(verify(w, job.ret_envelope), 0);
    key->state = KITH_KEY_RETIRED;
    assert_int_equal(verify(w, job.ret_envelope), 0);
    key->state = KITH_KEY_REVOKED; /* although the cache remembers that the signature fitted */
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_KEY_REVOKED);
    key->name[0] = 'x';
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_UNKNOWN_KEY);
}

static void signature_of_another_agency_is_bad(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    memcpy(w->agencies[POLICE].signing.keys[0].key, keys_public(w->keys[HOUSING], KEYS_SIGNING),
           32);
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
}

static void shown_header_verifies_without_content(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "x"));
    Kith__Header *header = NULL;
    kith_digest_t digest;
    assert_int_equal(seal_verify_shown(w->cache[HOUSING], &w->agreement, w->arena,
                                       view(job.ret_envelope->header), job.ret_envelope->proof,
                                       &header, &digest),
                     0);
    assert_int_equal(header->id->seq, 1);
    assert_memory_equal(&digest, &job.ret_digest, sizeof digest);
}

static Kith__Header *void_header(world_t *w)
{
    static const uint8_t replaced[32] = {9};
    Kith__Header *header = new_header(w, 7);
    header->n_slots = 1;
    header->clause = kith_arena_str(w->arena, "");
    header->void_ = kith_arena_need(w->arena, sizeof *header->void_);
    kith__void__init(header->void_);
    header->void_->replaces = field(run(replaced, 32));
    header->void_->reason = KITH__REASON__REASON_SEALED_ANEW;
    return header;
}

static void void_is_signed_and_has_no_content(void **state)
{
    world_t *w = *state;
    seal_job_t job = {.header = void_header(w)};
    seal_batch(w->cache[POLICE], w->keys[POLICE], &w->agreement, w->arena, &job, 1);
    assert_int_equal(verify(w, job.ret_envelope), 0);
    assert_int_equal(job.ret_envelope->content.len, 0);
    assert_int_equal(job.header->salt.len, 16);
    assert_int_equal(job.header->nonce.len, 0);
    job.ret_envelope->content = field(run("xx", 2));
    assert_int_equal(verify(w, job.ret_envelope), KITH__REASON__REASON_MALFORMED);
}

static void one_signature_serves_sixty_four(void **state)
{
    world_t *w = *state;
    enum { COUNT = KITH_BATCH_MAX + 3 };
    static seal_job_t jobs[COUNT];
    kith_bytes_t notice = KITH_PACK(w->arena, new_notice(w, "x"));
    for (size_t i = 0; i < COUNT; i++)
        jobs[i] = (seal_job_t){.header = i % 7 ? new_header(w, i + 1) : void_header(w),
                               .notice = i % 7 ? notice : run(NULL, 0)};
    seal_batch(w->cache[POLICE], w->keys[POLICE], &w->agreement, w->arena, jobs, COUNT);
    const uint8_t *first = jobs[0].ret_envelope->proof->signature.data;
    for (size_t i = 0; i < COUNT; i++) {
        const Kith__Proof *proof = jobs[i].ret_envelope->proof;
        bool in_first = i < KITH_BATCH_MAX;
        assert_int_equal(verify(w, jobs[i].ret_envelope), 0);
        assert_int_equal(proof->count, in_first ? KITH_BATCH_MAX : COUNT - KITH_BATCH_MAX);
        assert_int_equal(memcmp(proof->signature.data, first, 64) == 0, in_first);
    }
    Kith__Proof *own = jobs[1].ret_envelope->proof;
    jobs[1].ret_envelope->proof = jobs[2].ret_envelope->proof;
    assert_int_equal(verify(w, jobs[1].ret_envelope), KITH__REASON__REASON_BAD_SIGNATURE);
    jobs[1].ret_envelope->proof = own;
}

static void statement_fits_its_maker_and_kind(void **state)
{
    world_t *w = *state;
    kith_keyring_t *ring = &w->agencies[POLICE].signing;
    const char *name = ring->keys[0].name;
    Kith__Signed *said = seal_sign(w->keys[POLICE], w->arena, KITH_TAG_RECEIPT, run("said", 4));
    assert_int_equal(seal_verify_statement(ring, name, KITH_TAG_RECEIPT, said), 0);
    assert_int_equal(seal_verify_statement(ring, name, KITH_TAG_REFUSAL, said),
                     KITH__REASON__REASON_BAD_SIGNATURE);
    assert_int_equal(seal_verify_statement(ring, "0000000000000000", KITH_TAG_RECEIPT, said),
                     KITH__REASON__REASON_UNKNOWN_KEY);
    said->statement.data[0] ^= 1;
    assert_int_equal(seal_verify_statement(ring, name, KITH_TAG_RECEIPT, said),
                     KITH__REASON__REASON_BAD_SIGNATURE);
    ring->keys[0].state = KITH_KEY_REVOKED;
    assert_int_equal(seal_verify_statement(ring, name, KITH_TAG_RECEIPT, said),
                     KITH__REASON__REASON_KEY_REVOKED);
}

int main(void)
{
#define IN_WORLD(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        IN_WORLD(changed_content_is_not_what_was_signed),
        IN_WORLD(content_of_no_padded_size_is_malformed),
        IN_WORLD(header_that_is_none_is_malformed),
        IN_WORLD(changed_header_does_not_fit_its_signature),
        IN_WORLD(proof_must_lead_to_the_signed_root),
        IN_WORLD(origin_and_partnership_must_be_known),
        IN_WORLD(revoked_key_verifies_nothing_retired_still_does),
        IN_WORLD(signature_of_another_agency_is_bad),
        IN_WORLD(shown_header_verifies_without_content),
        IN_WORLD(void_is_signed_and_has_no_content),
        IN_WORLD(one_signature_serves_sixty_four),
        IN_WORLD(statement_fits_its_maker_and_kind),
    };
#undef IN_WORLD
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
