/* Every request of api.proto has its answer, its way and its words in a role. */
#include "web/asks.h"

#include "api.pb-c.h"
#include "tests/lib/unit.h"

#include <string.h>

static void every_request_has_its_answer(void **state)
{
    (void)state;
    size_t reading = 0;
    for (size_t i = 0; i < asks_count(); i++) {
        size_t found = 0;
        assert_true(asks_find(asks_at(i)->name, &found));
        assert_int_equal(found, i);
        assert_non_null(asks_answer(i)->descriptor);
        reading += asks_reads(i);
        assert_false(asks_reads(i) && asks_has_token(i)); /* what has a token changes something */
    }
    assert_true(reading > 0 && reading < asks_count());
    size_t submit = 0;
    assert_true(asks_find("submit", &submit));
    assert_true(asks_has_token(submit) && !asks_reads(submit));
    assert_false(asks_find("id", &submit));
    assert_ptr_equal(asks_answer(submit)->descriptor, &kith__api__submit_response__descriptor);
}

static void a_role_may_what_its_words_say(void **state)
{
    (void)state;
    size_t submit = 0, feed = 0, link = 0;
    assert_true(asks_find("submit", &submit) && asks_find("feed", &feed) &&
                asks_find("link", &link));
    asks_t read = {0}, all = {0}, reply = {0}, any = {0};
    assert_true(asks_add(&read, "read"));
    assert_true(asks_has(&read, feed) && !asks_has(&read, link) && !asks_has(&read, submit));
    assert_true(asks_add(&all, "all"));
    assert_true(asks_has(&all, link) && asks_has_draft(&all, KITH__API__DRAFT__BODY_SMALL_HELP));
    assert_true(asks_add(&reply, "submit:reply"));
    assert_true(asks_has(&reply, submit) && asks_has_draft(&reply, KITH__API__DRAFT__BODY_REPLY));
    assert_false(asks_has_draft(&reply, KITH__API__DRAFT__BODY_ALERT));
    assert_true(asks_add(&any, "submit"));
    assert_true(asks_has_draft(&any, KITH__API__DRAFT__BODY_ALERT));
    static const char *const none[] = {"", "reads", "submit:", "submit:nothing", "submitx", "id"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(asks_add(&any, none[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_has_its_answer),
        cmocka_unit_test(a_role_may_what_its_words_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
