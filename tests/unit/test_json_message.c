/* A message is read from JSON strictly: each misfit is named with its place and what would be
 * allowed. That a written message is read as the same one: test_json_golden.py. */
#include "io/json_message.h"

#include "api.pb-c.h"
#include "base/text.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

static kith_err read_text(const char *text, Kith__Api__Request **ret_request,
                          kith_json_misfit_t *ret_misfit)
{
    kith_json_t *value = NULL;
    kith_json_error_t error;
    assert_int_equal(kith_json_parse(kith_bytes_str(text), &value, &error), KITH_OK);
    ProtobufCMessage *message = NULL;
    kith_err err =
        kith_json_to_message(arena, &kith__api__request__descriptor, value, &message, ret_misfit);
    kith_json_destroy(&value);
    *ret_request = (Kith__Api__Request *)message;
    return err;
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    Kith__Api__Request *r = NULL;
    kith_json_misfit_t misfit;
    const char *text =
        "{\"id\":\"18446744073709551615\",\"submit\":{\"token\":\"0aff\",\"draft\":{"
        "\"household\":\"01900000-0000-7000-8000-000000000001\",\"to\":[\"a\",\"b\"],"
        "\"expires\":\"2026-03-29T01:00:00+01:00\",\"caused_by\":[null,\"00\"],"
        "\"reply\":{\"answer\":\"nothing-known\",\"text\":\"caf\xC3\xA9\"},\"author\":null}}}";
    assert_int_equal(read_text(text, &r, &misfit), KITH_OK);
    assert_true(r->id == UINT64_MAX);
    assert_int_equal(r->ask_case, KITH__API__REQUEST__ASK_SUBMIT);
    assert_int_equal(r->submit->token.len, 2);
    assert_int_equal(r->submit->token.data[1], 0xff);
    const Kith__Api__Draft *draft = r->submit->draft;
    assert_int_equal(draft->household.len, 16);
    assert_int_equal(draft->n_to, 2);
    assert_string_equal(draft->to[1], "b");
    assert_true(draft->expires_ms == INT64_C(1774742400000));
    assert_int_equal(draft->n_caused_by, 2);
    assert_int_equal(draft->caused_by[0].len, 0);
    assert_int_equal(draft->reply->answer, KITH__ANSWER__ANSWER_NOTHING_KNOWN);
    assert_string_equal(draft->reply->text, "caf\xC3\xA9");
    assert_string_equal(draft->author, "");
}

static void a_misfit_is_named_with_its_place(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"[]", "", "must be an object, not a list"},
        {"{\"nix\":1}", "nix", "there is no such member; these are: id on_behalf_of submit"},
        {"{\"feed\":{\"limit\":-1}}", "feed.limit", "from 0 to 4294967295"},
        {"{\"feed\":{\"limit\":4294967296}}", "feed.limit", "from 0 to 4294967295"},
        {"{\"feed\":{\"limit\":1.5}}", "feed.limit", "a whole number"},
        {"{\"feed\":{\"limit\":\" 1\"}}", "feed.limit", "a whole number"},
        {"{\"feed\":{\"after\":\"18446744073709551616\"}}", "feed.after", "a whole number"},
        {"{\"feed\":{\"by_time\":1}}", "feed.by_time", "must be true or false, not a whole number"},
        {"{\"feed\":{\"from\":1}}", "feed.from", "must be a time"},
        {"{\"feed\":{\"from_ms\":1}}", "feed.from_ms", "no such member"},
        {"{\"feed\":{\"household\":\"xyz\"}}", "feed.household", "must be an id"},
        {"{\"feed\":{},\"show\":{}}", "show", "another member of the same choice"},
        {"{\"submit\":{\"draft\":{\"to\":[\"a\",2]}}}", "submit.draft.to[1]", "must be a string"},
        {"{\"submit\":{\"draft\":{\"reply\":{\"answer\":\"maybe\"}}}}", "submit.draft.reply.answer",
         "must be one of: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Kith__Api__Request *r = NULL;
        kith_json_misfit_t misfit;
        assert_int_equal(read_text(cases[i][0], &r, &misfit), KITH_INVALID);
        assert_null(r);
        assert_string_equal(misfit.field, cases[i][1]);
        assert_non_null(strstr(misfit.what, cases[i][2]));
    }
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    char text[1000] = "{\"";
    for (size_t at = 2; at < 900; at += 2)
        memcpy(text + at, "\xC3\xA9", 2);
    memcpy(text + 900, "\":1}", 5);
    Kith__Api__Request *r = NULL;
    kith_json_misfit_t misfit;
    assert_int_equal(read_text(text, &r, &misfit), KITH_INVALID);
    assert_true(kith_text_utf8(kith_bytes_str(misfit.field)));
    assert_true(strlen(misfit.field) > KITH_MISFIT_FIELD_SIZE - 4);
}

static void more_than_the_arena_is_a_limit(void **state)
{
    (void)state;
    const size_t count = 4097;
    char *text = calloc(1, 64 + 3 * count);
    assert_non_null(text);
    size_t at = (size_t)snprintf(text, 64, "{\"submit\":{\"draft\":{\"to\":[\"\"");
    for (size_t i = 1; i < count; i++, at += 3)
        memcpy(text + at, ",\"\"", 3);
    memcpy(text + at, "]}}}", 5);
    Kith__Api__Request *r = NULL;
    kith_json_misfit_t misfit;
    assert_int_equal(read_text(text, &r, &misfit), KITH_LIMIT);
    free(text);
    kith_arena_t *whole = arena;
    arena = kith_arena_new(16);
    assert_int_equal(read_text("{}", &r, &misfit), KITH_LIMIT);
    kith_arena_destroy(&arena);
    arena = whole;
}

static kith_err put(kith_json_t *object, const char *name, const char *text,
                    kith_json_misfit_t *ret_misfit)
{
    return kith_json_put_query(&kith__api__feed_request__descriptor, object, name, text,
                               ret_misfit);
}

static void a_query_is_read_by_the_same_rules(void **state)
{
    (void)state;
    kith_json_t *object = kith_json_object();
    kith_json_misfit_t misfit;
    assert_int_equal(put(object, "after", "7", &misfit), KITH_OK);
    assert_int_equal(put(object, "by_time", "true", &misfit), KITH_OK);
    assert_int_equal(put(object, "from", "2026-01-05", &misfit), KITH_OK);
    assert_int_equal(put(object, "after", "8", &misfit), KITH_INVALID);
    assert_non_null(strstr(misfit.what, "twice"));
    assert_int_equal(put(object, "fresh", "yes", &misfit), KITH_INVALID);
    assert_string_equal(misfit.what, "must be true or false");
    assert_int_equal(put(object, "nix", "", &misfit), KITH_INVALID);
    assert_string_equal(misfit.field, "nix");
    ProtobufCMessage *message = NULL;
    assert_int_equal(kith_json_to_message(arena, &kith__api__feed_request__descriptor, object,
                                          &message, &misfit),
                     KITH_OK);
    const Kith__Api__FeedRequest *feed = (const Kith__Api__FeedRequest *)message;
    assert_true(feed->after == 7 && feed->by_time && feed->from_ms == INT64_C(1767571200000));
    kith_json_destroy(&object);
    object = kith_json_object();
    assert_int_equal(
        kith_json_put_query(&kith__api__submit_request__descriptor, object, "draft", "x", &misfit),
        KITH_INVALID);
    assert_non_null(strstr(misfit.what, "body of a POST"));
    kith_json_destroy(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(a_misfit_is_named_with_its_place),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(more_than_the_arena_is_a_limit),
        cmocka_unit_test(a_query_is_read_by_the_same_rules),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
