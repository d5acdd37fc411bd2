/* Routes name connections, are never used twice, and an identity can only push out its own. */
#include "io/link_routes.h"

#include <stdarg.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define NO_UID UINT32_MAX

static void connection_keeps_its_route(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(4, 4);
    uint64_t one = link_routes_heard(routes, 1, "police", NO_UID);
    uint64_t five = link_routes_heard(routes, 5, "housing", NO_UID); /* the same bucket */
    uint32_t connection = 0;
    assert_int_not_equal(one, 0);
    assert_int_not_equal(one, five);
    assert_int_equal(link_routes_heard(routes, 1, "police", NO_UID), one);
    assert_int_equal(link_routes_heard(routes, 5, "housing", NO_UID), five);
    assert_true(link_routes_find(routes, five, &connection));
    assert_int_equal(connection, 5);
    assert_true(link_routes_find(routes, one, &connection));
    assert_int_equal(connection, 1);
    link_routes_destroy(&routes);
    assert_null(routes);
    link_routes_destroy(&routes);
}

static void forgotten_route_is_never_given_again(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(2, 2);
    uint64_t seen[100];
    uint32_t connection = 77;
    for (uint32_t i = 0; i < 100; i++) {
        seen[i] = link_routes_heard(routes, 9, "police", NO_UID);
        for (uint32_t j = 0; j < i; j++)
            assert_int_not_equal(seen[j], seen[i]);
        link_routes_forget(routes, seen[i]);
        link_routes_forget(routes, seen[i]);
        assert_false(link_routes_find(routes, seen[i], &connection));
    }
    link_routes_forget(routes, 0);
    assert_false(link_routes_find(routes, 0, &connection));
    assert_int_equal(connection, 77);
    link_routes_destroy(&routes);
}

static void connection_of_another_is_another_route(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(4, 4);
    uint32_t connection = 0;
    uint64_t police = link_routes_heard(routes, 1, "police", NO_UID);
    uint64_t housing = link_routes_heard(routes, 1, "housing", NO_UID);
    assert_int_not_equal(police, housing);
    assert_false(link_routes_find(routes, police, &connection));
    assert_true(link_routes_find(routes, housing, &connection));
    assert_int_not_equal(link_routes_heard(routes, 1, "housing", 0), housing);
    link_routes_destroy(&routes);
}

static void identity_that_dials_on_and_on_loses_its_own_oldest(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(8, 3);
    uint32_t connection = 0;
    uint64_t other = link_routes_heard(routes, 1000, "housing", NO_UID), own[6];
    for (uint32_t i = 0; i < 3; i++)
        own[i] = link_routes_heard(routes, i, "police", NO_UID);
    (void)link_routes_heard(routes, 0, "police", NO_UID); /* 1 is the oldest now */
    for (uint32_t i = 3; i < 6; i++)
        own[i] = link_routes_heard(routes, i, "police", NO_UID);
    const bool kept[] = {false, false, false, true, true, true};
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(link_routes_find(routes, own[i], &connection), kept[i]);
    assert_true(link_routes_find(routes, other, &connection));
    link_routes_destroy(&routes);
}

static void full_table_gives_up_the_longest_unheard(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(3, 3);
    uint32_t connection = 0;
    uint64_t first = link_routes_heard(routes, 1, "a", 1),
             second = link_routes_heard(routes, 2, "b", 1);
    uint64_t third = link_routes_heard(routes, 3, "c", 1);
    (void)link_routes_heard(routes, 1, "a", 1);
    uint64_t fourth = link_routes_heard(routes, 4, "d", 1);
    assert_true(link_routes_find(routes, first, &connection));
    assert_false(link_routes_find(routes, second, &connection));
    assert_true(link_routes_find(routes, third, &connection));
    assert_true(link_routes_find(routes, fourth, &connection));
    link_routes_destroy(&routes);
}

static void chains_stay_whole_when_one_is_forgotten(void **state)
{
    (void)state;
    link_routes_t *routes = link_routes_new(5, 5);
    uint64_t route[4];
    uint32_t connection = 0;
    for (uint32_t forgotten = 0; forgotten < 4; forgotten++) {
        for (uint32_t i = 0; i < 4; i++)
            route[i] = link_routes_heard(routes, 5 * i, "a", 1); /* all in one bucket */
        link_routes_forget(routes, route[forgotten]);
        for (uint32_t i = 0; i < 4; i++)
            assert_int_equal(link_routes_find(routes, route[i], &connection), i != forgotten);
        for (uint32_t i = 0; i < 4; i++)
            assert_int_equal(link_routes_heard(routes, 5 * i, "a", 1) == route[i], i != forgotten);
    }
    link_routes_destroy(&routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_keeps_its_route),
        cmocka_unit_test(forgotten_route_is_never_given_again),
        cmocka_unit_test(connection_of_another_is_another_route),
        cmocka_unit_test(identity_that_dials_on_and_on_loses_its_own_oldest),
        cmocka_unit_test(full_table_gives_up_the_longest_unheard),
        cmocka_unit_test(chains_stay_whole_when_one_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
