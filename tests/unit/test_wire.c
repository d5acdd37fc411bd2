/* Malformed and odd protobuf bytes (fixtures/wire) get the verdict that stands beside them, and
 * cost no more than their budget. */
#include "api.pb-c.h"
#include "base/arena.h"
#include "base/id.h"
#include "base/text.h"
#include "kith.pb-c.h"
#include "store.pb-c.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* Field 1 as a number, as a string, and as a field nobody knows. */
static const ProtobufCMessageDescriptor *const NUMBER = &kith__store__mailbox_count__descriptor;
static const ProtobufCMessageDescriptor *const TEXT = &kith__reference__descriptor;
static const ProtobufCMessageDescriptor *const UNKNOWN = &kith__api__status_request__descriptor;

static ProtobufCMessage *unpack(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                                kith_bytes_t bytes)
{
    kith_arena_reset(arena);
    const char *field = NULL;
    ProtobufCMessage *message = kith_message_unpack(arena, type, bytes, &field);
    assert_true(kith_arena_used(arena) <= 2 * kith_message_budget(bytes.size));
    assert_true((message == NULL) == (field != NULL));
    return message;
}

/* The type for which the first byte's wire type is right. */
static const ProtobufCMessageDescriptor *type_for(kith_bytes_t bytes)
{
    unsigned wire = bytes.size > 0 ? bytes.data[0] & 7u : 0;
    return wire == 0 ? NUMBER : wire == 2 ? TEXT : UNKNOWN;
}

static void check_verdict(kith_arena_t *arena, const char *verdict, kith_bytes_t bytes)
{
    bool number = unpack(arena, NUMBER, bytes) != NULL;
    bool text = unpack(arena, TEXT, bytes) != NULL;
    bool unknown = unpack(arena, UNKNOWN, bytes) != NULL;
    if (strcmp(verdict, "reject") == 0) {
        assert_false(number || text || unknown);
    } else if (strcmp(verdict, "accept") == 0) {
        assert_non_null(unpack(arena, type_for(bytes), bytes));
    } else if (strcmp(verdict, "accept-last") == 0) {
        Kith__Reference *reference = (Kith__Reference *)unpack(arena, TEXT, bytes);
        assert_non_null(reference);
        assert_string_equal(reference->system, "b");
    } else if (strcmp(verdict, "skip") == 0) {
        assert_true(number && text && unknown);
    } else if (strcmp(verdict, "reject-if-string") == 0) {
        assert_false(text);
        assert_true(unknown);
    } else if (strcmp(verdict, "handle") == 0 || strcmp(verdict, "reject-or-skip") == 0) {
        /* no crash, no overrun: reaching this line is the verdict */
    } else {
        fail_msg("the fixture has a verdict that this test does not know: %s", verdict);
    }
}

/* Ends the text at its first tab and gives what stands behind it. */
static char *split(char *text)
{
    char *tab = strchr(text, '\t');
    assert_non_null(tab);
    *tab = '\0';
    return tab + 1;
}

static void every_fixture_gets_its_verdict(void **state)
{
    (void)state;
    kith_arena_t *arena = kith_arena_new(1024 * 1024);
    FILE *file = fopen(KITH_FIXTURES "/wire/malformed_protobuf.tsv", "r");
    assert_non_null(file);
    char line[512];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* the column names */
    while (fgets(line, sizeof line, file) != NULL) {
        char *verdict = split(line), *why = split(verdict);
        assert_true(*why != '\0');
        const char *hex = line;
        uint8_t data[128];
        size_t size = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
        assert_true(size <= sizeof data);
        if (size > 0) {
            assert_int_equal(kith_unhex(hex, data, size), KITH_OK);
        }
        print_message("%s %s\n", verdict, hex);
        check_verdict(arena, verdict, (kith_bytes_t){.data = data, .size = size});
        rows++;
    }
    fclose(file);
    assert_true(rows >= 25);
    kith_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_gets_its_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
