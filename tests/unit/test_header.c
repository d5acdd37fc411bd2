/* Headers: a good one is decoded, and each broken rule is named by its field. */
#include "base/credit.h"
#include "base/envelope.h"
#include "tests/lib/dies.h"
#include "tests/lib/toy_hash.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

static uint8_t filler[64];

/* A header that keeps every rule, for a test to break one of. */
typedef struct draft {
    Kith__EnvelopeId id;
    Kith__Slot slots[KITH_SLOTS_MAX + 1];
    Kith__Slot *slot_list[KITH_SLOTS_MAX + 1];
    char agencies[KITH_SLOTS_MAX + 1][16];
    Kith__Void gap;
    Kith__Header header;
} draft_t;

static ProtobufCBinaryData run(size_t size)
{
    return (ProtobufCBinaryData){.data = filler, .len = size};
}

static void draft_begin(draft_t *draft, size_t slots_count)
{
    kith__envelope_id__init(&draft->id);
    draft->id.origin = "police";
    draft->id.epoch = 1;
    draft->id.lane = KITH__LANE__LANE_NORMAL;
    draft->id.seq = 1;
    for (size_t i = 0; i <= KITH_SLOTS_MAX; i++) {
        kith__slot__init(&draft->slots[i]);
        snprintf(draft->agencies[i], sizeof draft->agencies[i], "agency-%zu", i);
        draft->slots[i].agency = draft->agencies[i];
        draft->slots[i].epoch = 1;
        draft->slots[i].n = 1;
        draft->slots[i].sealing_key = "0123456789abcdef";
        draft->slots[i].wrap = run(48);
        draft->slot_list[i] = &draft->slots[i];
    }
    kith__void__init(&draft->gap);
    draft->gap.replaces = run(32);
    draft->gap.reason = KITH__REASON__REASON_SEALED_ANEW;
    kith__header__init(&draft->header);
    Kith__Header *h = &draft->header;
    h->partnership = "exampletown";
    h->partnership_version = 1;
    h->id = &draft->id;
    h->slots = draft->slot_list;
    h->n_slots = slots_count;
    h->signing_key = "fedcba9876543210";
    h->topic_class = "event";
    h->clause = "4.1";
    h->created_ms = 1774746000000;
    h->content_digest = run(32);
    h->key_commitment = run(32);
    h->sender_half = run(32);
    h->nonce = run(24);
    h->salt = run(16);
}

static void draft_make_void(draft_t *draft)
{
    Kith__Header *h = &draft->header;
    h->void_ = &draft->gap;
    h->n_slots = 1;
    h->clause = h->topic_class = "";
    h->content_digest = h->key_commitment = h->sender_half = h->nonce = run(0);
    draft->slots[0].sealing_key = "";
    draft->slots[0].wrap = run(0);
}

static kith_err decode(kith_arena_t *arena, const draft_t *draft, Kith__Header **ret_header,
                       const char **ret_field)
{
    kith_bytes_t bytes = KITH_PACK(arena, &draft->header);
    return kith_header_decode(arena, bytes, ret_header, ret_field);
}

static int setup(void **state)
{
    *state = kith_arena_new(1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    kith_arena_t *arena = *state;
    kith_arena_destroy(&arena);
    return 0;
}

static void a_good_header_is_decoded_with_1_to_64_slots(void **state)
{
    for (size_t count = 1; count <= KITH_SLOTS_MAX; count++) {
        draft_t draft;
        draft_begin(&draft, count);
        Kith__Header *header = NULL;
        const char *field = "untouched";
        assert_int_equal(decode(*state, &draft, &header, &field), KITH_OK);
        assert_string_equal(field, "untouched");
        assert_int_equal(header->n_slots, count);
        assert_string_equal(header->id->origin, "police");
        assert_ptr_equal(kith_header_slot(header, "agency-0"), header->slots[0]);
        assert_null(kith_header_slot(header, "agency-64"));
        kith_arena_reset(*state);
    }
}

static void a_void_is_decoded_with_and_without_what_belongs_to_the_seal(void **state)
{
    draft_t draft;
    draft_begin(&draft, 1);
    draft_make_void(&draft);
    Kith__Header *header = NULL;
    const char *field = NULL;
    assert_int_equal(decode(*state, &draft, &header, &field), KITH_OK);
    assert_non_null(header->void_);
    draft.header.content_digest = draft.header.key_commitment = draft.header.sender_half = run(32);
    draft.header.nonce = run(24);
    draft.header.topic_class = "event";
    assert_int_equal(decode(*state, &draft, &header, &field), KITH_OK);
}

/* One change, and the field that must be named. */
#define BROKEN(arena, slots, name, change)                                                         \
    do {                                                                                           \
        draft_t draft;                                                                             \
        draft_begin(&draft, (slots));                                                              \
        change;                                                                                    \
        Kith__Header *header = NULL;                                                               \
        const char *field = NULL;                                                                  \
        assert_int_equal(decode((arena), &draft, &header, &field), KITH_INVALID);                  \
        assert_string_equal(field, (name));                                                        \
        assert_null(header);                                                                       \
    } while (0)

static void each_broken_rule_is_named_by_its_field(void **state)
{
    kith_arena_t *a = *state;
    BROKEN(a, 1, "partnership", draft.header.partnership = "");
    BROKEN(a, 1, "partnership", draft.header.partnership = "Example Town");
    BROKEN(a, 1, "partnership_version", draft.header.partnership_version = 0);
    BROKEN(a, 1, "id", draft.header.id = NULL);
    BROKEN(a, 1, "origin", draft.id.origin = "../police");
    BROKEN(a, 1, "epoch", draft.id.epoch = 0);
    BROKEN(a, 1, "lane", draft.id.lane = KITH__LANE__LANE_UNSPECIFIED);
    BROKEN(a, 1, "lane", draft.id.lane = (Kith__Lane)7);
    BROKEN(a, 1, "seq", draft.id.seq = 0);
    BROKEN(a, 1, "signing_key", draft.header.signing_key = "");
    BROKEN(a, 1, "topic_class", draft.header.topic_class = "");
    BROKEN(a, 1, "clause", draft.header.clause = "");
    BROKEN(a, 1, "created_ms", draft.header.created_ms = -1);
    BROKEN(a, 1, "content_digest", draft.header.content_digest = run(31));
    BROKEN(a, 1, "content_digest", draft.header.content_digest = run(0));
    BROKEN(a, 1, "key_commitment", draft.header.key_commitment = run(33));
    BROKEN(a, 1, "sender_half", draft.header.sender_half = run(0));
    BROKEN(a, 1, "nonce", draft.header.nonce = run(12));
    BROKEN(a, 1, "salt", draft.header.salt = run(0));
}

static void each_slot_keeps_its_rules(void **state)
{
    kith_arena_t *a = *state;
    BROKEN(a, 0, "slots", (void)0);
    BROKEN(a, KITH_SLOTS_MAX + 1, "slots", (void)0);
    BROKEN(a, 3, "agency", draft.slots[1].agency = "");
    BROKEN(a, 3, "epoch", draft.slots[1].epoch = 0);
    BROKEN(a, 3, "n", draft.slots[2].n = 0);
    BROKEN(a, 3, "sealing_key", draft.slots[0].sealing_key = "");
    BROKEN(a, 3, "wrap", draft.slots[2].wrap = run(47));
    BROKEN(a, 3, "wrap", draft.slots[2].wrap = run(0));
    BROKEN(a, 3, "slots", draft.slots[2].agency = "agency-0"); /* each agency once */
    BROKEN(a, 3, "slots", draft.slots[2].agency = "agency-1");
    BROKEN(a, KITH_SLOTS_MAX, "slots", draft.slots[63].agency = "agency-31");
}

static void a_void_keeps_its_shape(void **state)
{
    kith_arena_t *a = *state;
    BROKEN(a, 1, "slots", draft_make_void(&draft); draft.header.n_slots = 2);
    BROKEN(a, 1, "clause", draft_make_void(&draft); draft.header.clause = "4.1");
    BROKEN(a, 1, "topic_class", draft_make_void(&draft); draft.header.topic_class = "A B");
    BROKEN(a, 1, "replaces", draft_make_void(&draft); draft.gap.replaces = run(0));
    BROKEN(a, 1, "reason", draft_make_void(&draft);
           draft.gap.reason = KITH__REASON__REASON_UNSPECIFIED);
    BROKEN(a, 1, "sealing_key", draft_make_void(&draft); draft.slots[0].sealing_key = "k");
    BROKEN(a, 1, "wrap", draft_make_void(&draft); draft.slots[0].wrap = run(48));
    BROKEN(a, 1, "nonce", draft_make_void(&draft); draft.header.nonce = run(1));
    BROKEN(a, 1, "salt", draft_make_void(&draft); draft.header.salt = run(15));
}

static void what_is_no_header_or_too_large_is_refused(void **state)
{
    Kith__Header *header = NULL;
    const char *field = NULL;
    assert_int_equal(kith_header_decode(*state, kith_bytes_str("\x0a\x05hi"), &header, &field),
                     KITH_INVALID);
    assert_string_equal(field, "");
    assert_int_equal(kith_header_decode(*state, (kith_bytes_t){0}, &header, &field), KITH_INVALID);
    assert_string_equal(field, "partnership");
    static const uint8_t LARGE[KITH_HEADER_BYTES_MAX + 1];
    assert_int_equal(kith_header_decode(*state, (kith_bytes_t){.data = LARGE, .size = sizeof LARGE},
                                        &header, &field),
                     KITH_INVALID);
    assert_string_equal(field, "header");
    assert_int_equal(kith_arena_used(*state) < KITH_HEADER_BYTES_MAX, true);
    assert_null(header);
}

static void contents_are_padded_in_five_steps(void **state)
{
    (void)state;
    static const struct {
        size_t size, padded;
    } CASES[] = {
        {0, 1024},       {1024, 1024},     {1025, 4096}, {4097, 16384}, {16385, 65536},
        {65537, 262144}, {262144, 262144}, {262145, 0},  {SIZE_MAX, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(kith_padded_size(CASES[i].size), CASES[i].padded);
    }
}

static void lane_of_none(void *argument)
{
    (void)argument;
    kith_lane_of(2);
}

static void lanes_have_two_names_and_two_indexes(void **state)
{
    (void)state;
    assert_int_equal(kith_lane_index(KITH__LANE__LANE_URGENT), KITH_LANE_URGENT);
    assert_int_equal(kith_lane_index(KITH__LANE__LANE_NORMAL), KITH_LANE_NORMAL);
    assert_int_equal(kith_lane_index(KITH__LANE__LANE_UNSPECIFIED), -1);
    assert_int_equal(kith_lane_index((Kith__Lane)3), -1);
    for (int i = 0; i < KITH_LANES; i++) {
        assert_int_equal(kith_lane_index(kith_lane_of(i)), i);
    }
    assert_true(dies(lane_of_none, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_header_is_decoded_with_1_to_64_slots, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_void_is_decoded_with_and_without_what_belongs_to_the_seal,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(each_broken_rule_is_named_by_its_field, setup, teardown),
        cmocka_unit_test_setup_teardown(each_slot_keeps_its_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(a_void_keeps_its_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_header_or_too_large_is_refused, setup, teardown),
        cmocka_unit_test(contents_are_padded_in_five_steps),
        cmocka_unit_test(lanes_have_two_names_and_two_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
