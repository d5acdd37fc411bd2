/* Unpacking from outside: bad text is found wherever it stands, and memory stays in proportion. */
#include "api.pb-c.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "kith.pb-c.h"
#include "store.pb-c.h"
#include "tests/lib/dice.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

static int setup(void **state)
{
    *state = kith_arena_new(ARENA_BYTES);
    return 0;
}

static int teardown(void **state)
{
    kith_arena_t *arena = *state;
    kith_arena_destroy(&arena);
    return 0;
}

static void assert_refused(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                           kith_bytes_t bytes, const char *wanted_field)
{
    const char *field = NULL;
    assert_null(kith_message_unpack(arena, type, bytes, &field));
    assert_string_equal(field, wanted_field);
}

static kith_bytes_t event_notice(kith_arena_t *arena, char *role)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    ref.system = "example-police";
    ref.id = "P-1";
    Kith__About about = KITH__ABOUT__INIT;
    about.ref = &ref;
    about.role = role;
    Kith__Event event = KITH__EVENT__INIT;
    event.kind = "call-out";
    event.about = (Kith__About *[]){&about};
    event.n_about = 1;
    Kith__Notice notice = KITH__NOTICE__INIT;
    notice.origin = "police";
    notice.body_case = KITH__NOTICE__BODY_EVENT;
    notice.event = &event;
    return KITH_PACK(arena, &notice);
}

static void a_good_message_is_unpacked(void **state)
{
    kith_bytes_t bytes = event_notice(*state, "child \xc3\xa9");
    const char *field = "untouched";
    Kith__Notice *notice =
        (Kith__Notice *)kith_message_unpack(*state, &kith__notice__descriptor, bytes, &field);
    assert_non_null(notice);
    assert_string_equal(field, "untouched");
    assert_string_equal(notice->event->about[0]->role, "child \xc3\xa9");
}

static void bad_utf8_deep_inside_is_found(void **state)
{
    assert_refused(*state, &kith__notice__descriptor, event_notice(*state, "\xed\xa0\x80"), "role");
}

static void a_nul_inside_a_string_is_found(void **state)
{
    kith_bytes_t bytes = event_notice(*state, "chXld");
    uint8_t *place = memchr(bytes.data, 'X', bytes.size);
    *place = '\0';
    assert_refused(*state, &kith__notice__descriptor, bytes, "role");
    assert_refused(*state, &kith__reference__descriptor,
                   (kith_bytes_t){.data = (const uint8_t *)"\x0a\x03"
                                                           "ab\0",
                                  .size = 5},
                   "system");
}

static void a_nul_inside_bytes_is_their_own_affair(void **state)
{
    Kith__Content content = KITH__CONTENT__INIT;
    content.notice = (ProtobufCBinaryData){.data = (uint8_t[]){0, 1, 0}, .len = 3};
    const char *field = NULL;
    assert_non_null(kith_message_unpack(*state, &kith__content__descriptor,
                                        KITH_PACK(*state, &content), &field));
}

static void text_is_bounded(void **state)
{
    char *text = kith_arena_need(*state, KITH_TEXT_BYTES_MAX + 2);
    memset(text, 'a', KITH_TEXT_BYTES_MAX);
    Kith__Alert alert = KITH__ALERT__INIT;
    alert.text = text;
    const char *field = NULL;
    assert_non_null(
        kith_message_unpack(*state, &kith__alert__descriptor, KITH_PACK(*state, &alert), &field));
    assert_int_equal(kith_message_check(&alert.base, &field), KITH_OK);
    text[KITH_TEXT_BYTES_MAX] = 'a';
    assert_refused(*state, &kith__alert__descriptor, KITH_PACK(*state, &alert), "text");
    assert_int_equal(kith_message_check(&alert.base, &field), KITH_INVALID);
    assert_string_equal(field, "text");
}

static void repeated_strings_are_checked_too(void **state)
{
    Kith__Alert alert = KITH__ALERT__INIT;
    alert.asked = (char *[]){"housing", "\xff"};
    alert.n_asked = 2;
    assert_refused(*state, &kith__alert__descriptor, KITH_PACK(*state, &alert), "asked");
    alert.n_asked = 1;
    const char *field = NULL;
    assert_int_equal(kith_message_check(&alert.base, &field), KITH_OK);
}

static void only_the_chosen_of_a_oneof_is_looked_at(void **state)
{
    (void)state;
    Kith__Seen seen = KITH__SEEN__INIT;
    seen.person = "\xff";
    Kith__Notice notice = KITH__NOTICE__INIT;
    notice.seen = &seen; /* shares its place with all other bodies */
    const char *field = NULL;
    assert_int_equal(kith_message_check(&notice.base, &field), KITH_OK);
    notice.body_case = KITH__NOTICE__BODY_SEEN;
    assert_int_equal(kith_message_check(&notice.base, &field), KITH_INVALID);
    assert_string_equal(field, "person");
}

static void a_repeated_field_is_bounded(void **state)
{
    static uint64_t tokens[KITH_REPEATED_MAX + 1];
    Kith__Taken taken = KITH__TAKEN__INIT;
    taken.tokens = tokens;
    taken.n_tokens = KITH_REPEATED_MAX;
    const char *field = NULL;
    assert_non_null(kith_message_unpack(*state, &kith__taken__descriptor, KITH_PACK(*state, &taken),
                                        &field)); /* packed */
    assert_int_equal(kith_message_check(&taken.base, &field), KITH_OK);
    taken.n_tokens++;
    kith_bytes_t packed = KITH_PACK(*state, &taken);
    size_t used = kith_arena_used(*state);
    assert_refused(*state, &kith__taken__descriptor, packed, "tokens");
    assert_int_equal(kith_arena_used(*state), used); /* counted before anything was made */
    assert_int_equal(kith_message_check(&taken.base, &field), KITH_INVALID);
    assert_string_equal(field, "tokens");
}

/* What a repeated pattern of bytes costs, and the field that it is refused for. */
static void assert_flood_refused(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                                 const char *pattern, size_t pattern_size, size_t total,
                                 const char *wanted_field)
{
    uint8_t *data = malloc(total);
    assert_non_null(data);
    size_t size = total / pattern_size * pattern_size;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)pattern[i % pattern_size];
    }
    size_t before = kith_arena_used(arena);
    assert_refused(arena, type, (kith_bytes_t){.data = data, .size = size}, wanted_field);
    /* each allocation is rounded up to 16 bytes: at most twice what the budget counts */
    assert_true(kith_arena_used(arena) - before <= 2 * kith_message_budget(size));
    free(data);
}

static void a_flood_of_empty_parts_costs_nothing(void **state)
{
    const size_t mib = 1024 * 1024;
    size_t before = kith_arena_used(*state);
    assert_flood_refused(*state, &kith__header__descriptor, "\x22\0", 2, mib, "slots");
    assert_flood_refused(*state, &kith__alert__descriptor, "\x2a\0", 2, mib, "asked");
    assert_flood_refused(*state, &kith__taken__descriptor, "\x08\1", 2, mib, "tokens");
    assert_flood_refused(*state, &kith__seen__descriptor, "\x18\1", 2, mib, "seen_ms");
    assert_flood_refused(*state, &kith__seen__descriptor, "\x98\1\1", 3, mib, "");
    assert_int_equal(kith_arena_used(*state), before);
}

static void what_stays_below_each_bound_still_has_a_budget(void **state)
{
    const size_t most = KITH_REPEATED_MAX;
    assert_flood_refused(*state, &kith__store__household_row__descriptor, "\x2a\x02\x0a\0", 4,
                         4 * most, "");
    assert_flood_refused(*state, &kith__store__household_row__descriptor, "\x2a\x04\x0a\0\x0a\0", 6,
                         6 * most, "");
}

static void an_arena_that_is_full_refuses(void **state)
{
    kith_bytes_t bytes = event_notice(*state, "child");
    kith_arena_t *small = kith_arena_new(128);
    assert_refused(small, &kith__notice__descriptor, bytes, "");
    kith_arena_destroy(&small);
}

static void a_string_sent_as_a_number_is_refused(void **state)
{
    assert_refused(*state, &kith__reference__descriptor, kith_bytes_str("\x08\x01"), "system");
    assert_refused(*state, &kith__about__descriptor, kith_bytes_str("\x08\x01"), "ref");
    assert_refused(*state, &kith__about__descriptor, kith_bytes_str("\x0a\x02\x0a\x05"), "");
}

static void a_number_that_does_not_end_is_refused(void **state)
{
    static const char *const endless[] = {
        "\x08",     /* nothing after the tag */
        "\x08\x80", /* the number goes on, the bytes do not */
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* longer than any number */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",     /* the tag itself */
        "\x80\x80\x80\x80\x10\x01",                         /* a tag beyond 32 bits */
    };
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++)
        assert_refused(*state, &kith__reply__descriptor, kith_bytes_str(endless[i]), "");
}

static void an_enum_value_of_a_newer_sender_passes(void **state)
{
    Kith__Reply reply = KITH__REPLY__INIT;
    reply.answer = (Kith__Answer)4711;
    const char *field = NULL;
    assert_non_null(
        kith_message_unpack(*state, &kith__reply__descriptor, KITH_PACK(*state, &reply), &field));
}

static void unknown_fields_are_kept_byte_for_byte(void **state)
{
    kith_bytes_t bytes = kith_bytes_str("\x0a\x01"
                                        "a"
                                        "\xfa\x01\x03"
                                        "new");
    const char *field = NULL;
    ProtobufCMessage *message =
        kith_message_unpack(*state, &kith__reference__descriptor, bytes, &field);
    assert_non_null(message);
    assert_true(kith_bytes_equal(kith_arena_pack(*state, message), bytes));
}

/* Whatever the bytes, either a message that checks or a refusal; and what was accepted is accepted
 * again in its own packed form. */
static void damaged_messages_never_get_through_unchecked(void **state)
{
    kith_bytes_t good = kith_arena_copy(*state, event_notice(*state, "carer"));
    dice_t dice = {.state = 4711};
    for (int round = 0; round < 20000; round++) {
        uint8_t data[256];
        assert_true(good.size < sizeof data);
        memcpy(data, good.data, good.size);
        for (size_t changes = 1 + dice_roll(&dice, 3); changes > 0; changes--) {
            data[dice_roll(&dice, good.size)] = (uint8_t)dice_u64(&dice);
        }
        kith_bytes_t bytes = {.data = data, .size = good.size - dice_roll(&dice, 4)};
        kith_arena_t *arena = kith_arena_new(1024 * 1024);
        const char *field = NULL;
        ProtobufCMessage *message =
            kith_message_unpack(arena, &kith__notice__descriptor, bytes, &field);
        assert_true((message == NULL) == (field != NULL));
        if (message != NULL) {
            assert_non_null(kith_message_unpack(arena, &kith__notice__descriptor,
                                                kith_arena_pack(arena, message), &field));
        }
        kith_arena_destroy(&arena);
    }
}

/* The walks recurse by descriptor, so their depth is the types' own. */
static void assert_not_recursive(const ProtobufCMessageDescriptor *type, int depth)
{
    assert_true(depth < 12);
    assert_true(type->n_fields <= 64);
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
            assert_not_recursive(type->fields[i].descriptor, depth + 1);
        }
    }
}

static void no_type_contains_itself(void **state)
{
    (void)state;
    static const ProtobufCMessageDescriptor *const ROOTS[] = {
        &kith__packet__descriptor,
        &kith__header__descriptor,
        &kith__content__descriptor,
        &kith__notice__descriptor,
        &kith__receipt__descriptor,
        &kith__refusal__descriptor,
        &kith__api__request__descriptor,
        &kith__api__response__descriptor,
        &kith__store__stored_notice__descriptor,
        &kith__store__out_envelope__descriptor,
        &kith__store__taken_row__descriptor,
        &kith__store__parked_row__descriptor,
        &kith__store__household_row__descriptor,
        &kith__store__alert_row__descriptor,
        &kith__store__directory_row__descriptor,
        &kith__store__body_row__descriptor,
    };
    for (size_t i = 0; i < sizeof ROOTS / sizeof ROOTS[0]; i++) {
        assert_not_recursive(ROOTS[i], 0);
    }
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(a_good_message_is_unpacked),
        HERE(bad_utf8_deep_inside_is_found),
        HERE(a_nul_inside_a_string_is_found),
        HERE(a_nul_inside_bytes_is_their_own_affair),
        HERE(text_is_bounded),
        HERE(repeated_strings_are_checked_too),
        HERE(only_the_chosen_of_a_oneof_is_looked_at),
        HERE(a_repeated_field_is_bounded),
        HERE(a_flood_of_empty_parts_costs_nothing),
        HERE(what_stays_below_each_bound_still_has_a_budget),
        HERE(an_arena_that_is_full_refuses),
        HERE(a_string_sent_as_a_number_is_refused),
        HERE(a_number_that_does_not_end_is_refused),
        HERE(an_enum_value_of_a_newer_sender_passes),
        HERE(unknown_fields_are_kept_byte_for_byte),
        HERE(damaged_messages_never_get_through_unchecked),
        HERE(no_type_contains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
