/* Working days, office hours and clocks, over the whole of 2026 with both clock changes and the
 * bank holidays of England and Wales, Scotland, and Northern Ireland. */
#include "base/calendar.h"
#include "base/text.h"
#include "tests/lib/unit.h"

#include <string.h>

#define MINUTE   INT64_C(60000)
#define HOUR     (60 * MINUTE)
#define DAY      (24 * HOUR)
#define WEEKDAYS 0x1f
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The last Sundays of March and October, at 01:00 UTC. */
static const kith_zone_change_t changes[] = {
    {INT64_C(1743296400000), (int32_t)HOUR}, {INT64_C(1761440400000), 0},
    {INT64_C(1774746000000), (int32_t)HOUR}, {INT64_C(1792890000000), 0},
    {INT64_C(1806195600000), (int32_t)HOUR}, {INT64_C(1824944400000), 0},
};
static const kith_zone_t london = {"Europe/London", 0, COUNT(changes), changes};

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static const char *const england[] = {"2026-01-01", "2026-04-03", "2026-04-06",
                                      "2026-05-04", "2026-05-25", "2026-08-31",
                                      "2026-12-25", "2026-12-28", "2027-01-01"};
static const char *const scotland[] = {"2026-01-01", "2026-01-02", "2026-04-03", "2026-05-04",
                                       "2026-05-25", "2026-08-03", "2026-11-30", "2026-12-25",
                                       "2026-12-28", "2027-01-01", "2027-01-04"};
static const char *const ireland[] = {"2026-01-01", "2026-03-17", "2026-04-03", "2026-04-06",
                                      "2026-05-04", "2026-05-25", "2026-07-13", "2026-08-31",
                                      "2026-12-25", "2026-12-28", "2027-01-01"};

typedef struct office {
    kith_calendar_t calendar;
    int64_t holidays[16];
} office_t;

static void open_office(office_t *o, const char *id, const char *const *dates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        o->holidays[i] = at(dates[i]) / DAY;
    }
    o->calendar = (kith_calendar_t){
        .id = id,
        .zone = &london,
        .opens_ms = (int32_t)(8 * HOUR + 30 * MINUTE),
        .closes_ms = (int32_t)(17 * HOUR),
        .days = WEEKDAYS,
        .holidays_count = count,
        .holidays = o->holidays,
    };
}

#define OFFICES 3u
static int setup(void **state)
{
    static office_t offices[OFFICES];
    open_office(&offices[0], "england-and-wales", england, COUNT(england));
    open_office(&offices[1], "scotland", scotland, COUNT(scotland));
    open_office(&offices[2], "northern-ireland", ireland, COUNT(ireland));
    *state = offices;
    return 0;
}

static void assert_due(const kith_calendar_t *calendar, const char *clock, const char *from,
                       const char *due)
{
    kith_clock_t parsed = {0};
    char text[KITH_TIME_TEXT_SIZE];
    assert_int_equal(kith_clock_parse(clock, &parsed), KITH_OK);
    kith_time_text(kith_clock_due(&parsed, calendar, at(from)), text);
    if (strcmp(text, due) != 0) {
        fail_msg("%s from %s is over at %s, not at %s", clock, from, text, due);
    }
}

static void a_weekend_is_no_office_time(void **state)
{
    const kith_calendar_t *c = &((office_t *)*state)[0].calendar;
    assert_due(c, "1 working day", "2026-01-09T10:00:00Z", "2026-01-12T17:00:00Z");
    assert_due(c, "1 working hour", "2026-01-09T16:30:00Z", "2026-01-12T09:00:00Z");
    assert_due(c, "2 working days", "2026-01-10T10:00:00Z", "2026-01-14T17:00:00Z");
    assert_due(c, "4h", "2026-01-09T16:30:00Z", "2026-01-09T20:30:00Z");
}

static void what_comes_while_the_office_is_closed_came_at_its_opening(void **state)
{
    const kith_calendar_t *c = &((office_t *)*state)[0].calendar;
    assert_due(c, "1 working day", "2026-01-12T03:00:00Z", "2026-01-13T17:00:00Z");
    assert_due(c, "1 working day", "2026-01-12T17:00:00Z", "2026-01-14T17:00:00Z");
    assert_due(c, "1 working day", "2026-01-12T16:59:59Z", "2026-01-13T17:00:00Z");
    assert_due(c, "30 working minutes", "2026-01-12T03:00:00Z", "2026-01-12T09:00:00Z");
}

/* 29 March 2026: from 17:00 GMT on Friday to 08:30 BST on Monday, which is 07:30 UTC. */
static void the_office_opens_at_the_same_hour_after_the_clocks_go_forward(void **state)
{
    const kith_calendar_t *c = &((office_t *)*state)[0].calendar;
    assert_due(c, "1 working hour", "2026-03-27T16:30:00Z", "2026-03-30T08:00:00Z");
    assert_due(c, "1 working day", "2026-03-27T16:30:00Z", "2026-03-30T16:00:00Z");
    assert_due(c, "24h", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
}

/* 25 October 2026: Friday closes at 16:00 UTC, Monday opens at 08:30 UTC. */
static void the_office_opens_at_the_same_hour_after_the_clocks_go_back(void **state)
{
    const kith_calendar_t *c = &((office_t *)*state)[0].calendar;
    assert_due(c, "1 working hour", "2026-10-23T15:30:00Z", "2026-10-26T09:00:00Z");
    assert_due(c, "1 working day", "2026-10-23T15:30:00Z", "2026-10-26T17:00:00Z");
    assert_due(c, "1 working day", "2026-10-23T16:00:00Z", "2026-10-27T17:00:00Z");
}

static void an_office_that_is_open_through_the_change_loses_and_gains_its_hour(void **state)
{
    kith_calendar_t always = ((office_t *)*state)[0].calendar;
    always.opens_ms = 0;
    always.closes_ms = (int32_t)DAY;
    always.days = 0x7f;
    always.holidays_count = 0;
    assert_due(&always, "1 working day", "2026-03-28T12:00:00Z", "2026-03-29T23:00:00Z");
    assert_due(&always, "24 working hours", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    assert_due(&always, "24 working hours", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    /* 01:30 does not exist on 29 March, and comes twice on 25 October: the first counts. */
    always.opens_ms = (int32_t)(90 * MINUTE);
    assert_int_equal(kith_calendar_next_open(&always, at("2026-03-29T00:00:00Z")),
                     at("2026-03-29T01:30:00Z"));
    assert_int_equal(kith_calendar_next_open(&always, at("2026-10-24T23:00:00Z")),
                     at("2026-10-25T00:30:00Z"));
}

/* Easter, and the days that only one of the three has. */
static void bank_holidays_differ(void **state)
{
    office_t *o = *state;
    assert_due(&o[0].calendar, "1 working day", "2026-04-02T10:00:00Z", "2026-04-07T16:00:00Z");
    assert_due(&o[1].calendar, "1 working day", "2026-04-02T10:00:00Z", "2026-04-06T16:00:00Z");
    assert_due(&o[2].calendar, "1 working day", "2026-03-16T10:00:00Z", "2026-03-18T17:00:00Z");
    assert_due(&o[0].calendar, "1 working day", "2026-03-16T10:00:00Z", "2026-03-17T17:00:00Z");
    assert_due(&o[1].calendar, "1 working day", "2026-11-27T10:00:00Z", "2026-12-01T17:00:00Z");
    assert_due(&o[0].calendar, "1 working day", "2026-11-27T10:00:00Z", "2026-11-30T17:00:00Z");
    assert_due(&o[0].calendar, "2 working days", "2026-12-24T10:00:00Z", "2026-12-30T17:00:00Z");
    assert_due(&o[2].calendar, "1 working day", "2026-07-10T10:00:00Z", "2026-07-14T16:00:00Z");
}

static void an_assessment_has_forty_five_working_days(void **state)
{
    const kith_calendar_t *c = &((office_t *)*state)[0].calendar;
    assert_due(c, "45 working days", "2026-03-02T10:00:00Z", "2026-05-07T16:00:00Z");
}

/* ---- what holds for every hour of the year ---- */

static bool is_open(const kith_calendar_t *c, int64_t ms)
{
    return kith_calendar_next_open(c, ms) == ms;
}

static int64_t hour_of(size_t i)
{
    return at("2026-01-01") + (int64_t)i * HOUR + 7 * MINUTE;
}
#define HOURS_OF_2026 8760u

static void the_next_opening_is_never_early_and_nothing_is_open_before_it(void **state)
{
    office_t *o = *state;
    for (size_t k = 0; k < OFFICES; k++) {
        const kith_calendar_t *c = &o[k].calendar;
        for (size_t i = 0; i < HOURS_OF_2026; i++) {
            int64_t opens = kith_calendar_next_open(c, hour_of(i));
            assert_true(opens >= hour_of(i) && opens - hour_of(i) < 6 * DAY);
            assert_true(is_open(c, opens));
            assert_true(opens == hour_of(i) || !is_open(c, opens - 1));
        }
    }
}

static void time_added_in_two_parts_is_the_time_added_at_once(void **state)
{
    office_t *o = *state;
    for (size_t k = 0; k < OFFICES; k++) {
        const kith_calendar_t *c = &o[k].calendar;
        for (size_t i = 0; i < HOURS_OF_2026; i++) {
            int64_t a = (int64_t)(i * 37 % 600) * MINUTE, b = (int64_t)(i * 101 % 2400) * MINUTE;
            int64_t once = kith_calendar_add_time(c, hour_of(i), a + b + MINUTE);
            int64_t part = kith_calendar_add_time(c, hour_of(i), a);
            assert_int_equal(kith_calendar_add_time(c, part, b + MINUTE), once);
            assert_true(once > hour_of(i) && is_open(c, once - 1));
        }
    }
}

static void what_came_earlier_is_over_no_later(void **state)
{
    office_t *o = *state;
    for (size_t k = 0; k < OFFICES; k++) {
        const kith_calendar_t *c = &o[k].calendar;
        int64_t time_before = 0, days_before = 0;
        for (size_t i = 0; i < HOURS_OF_2026; i++) {
            int64_t by_time = kith_calendar_add_time(c, hour_of(i), 90 * MINUTE);
            int64_t by_days = kith_calendar_add_days(c, hour_of(i), 2);
            assert_true(by_time >= time_before && by_days >= days_before);
            time_before = by_time;
            days_before = by_days;
        }
    }
}

/* n working days from now hold n working days: each is one more opening. */
static void days_added_one_by_one_are_the_days_added_at_once(void **state)
{
    office_t *o = *state;
    for (size_t k = 0; k < OFFICES; k++) {
        const kith_calendar_t *c = &o[k].calendar;
        for (size_t i = 0; i < HOURS_OF_2026; i += 5) {
            int64_t one_by_one = kith_calendar_next_open(c, hour_of(i));
            for (unsigned n = 1; n <= 9; n++) {
                one_by_one = kith_calendar_add_days(c, one_by_one, 1);
                assert_int_equal(kith_calendar_add_days(c, hour_of(i), n), one_by_one);
                assert_true(is_open(c, one_by_one - 1) && !is_open(c, one_by_one));
                one_by_one -= MINUTE; /* within that day */
            }
        }
    }
}

/* ---- clocks ---- */

static void a_clock_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        kith_clock_unit unit;
        int64_t amount;
    } good[] = {
        {"4h", KITH_CLOCK_RUNS, 4 * HOUR},
        {"15min", KITH_CLOCK_RUNS, 15 * MINUTE},
        {"366d", KITH_CLOCK_RUNS, 366 * DAY},
        {"24 working hours", KITH_CLOCK_WORKING_TIME, 24 * HOUR},
        {"1 working hour", KITH_CLOCK_WORKING_TIME, HOUR},
        {"90 working minutes", KITH_CLOCK_WORKING_TIME, 90 * MINUTE},
        {"1 working day", KITH_CLOCK_WORKING_DAYS, 1},
        {"366 working days", KITH_CLOCK_WORKING_DAYS, 366},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        kith_clock_t clock = {0};
        assert_int_equal(kith_clock_parse(good[i].text, &clock), KITH_OK);
        assert_int_equal(clock.unit, good[i].unit);
        assert_int_equal(clock.amount, good[i].amount);
    }
}

static void what_is_no_clock_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "4",
        "0h",
        "-1h",
        "367d",
        "0 working days",
        "367 working days",
        "1 day",
        "1 week",
        "x days",
        " working days",
        "9999999 working days",
        "-1 working days",
        "1  working day",
        "1 working day ",
        "8785 working hours",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        kith_clock_t clock = {.amount = 77};
        if (kith_clock_parse(bad[i], &clock) != KITH_INVALID || clock.amount != 77) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
    }
}

static void an_hour_of_the_wall_is_the_same_on_both_sides_of_a_change(void **state)
{
    office_t o;
    (void)state;
    open_office(&o, "england", england, COUNT(england));
    static const struct {
        const char *after, *next;
    } hours[] = {
        {"2026-03-27T08:29:59Z", "2026-03-27T08:30:00Z"},
        {"2026-03-27T08:30:00Z", "2026-03-30T07:30:00Z"},
        {"2026-04-02T12:00:00Z", "2026-04-07T07:30:00Z"}, /* over Easter */
        {"2026-10-23T07:30:00Z", "2026-10-26T08:30:00Z"},
        {"2026-12-24T09:00:00Z", "2026-12-29T08:30:00Z"},
    };
    int32_t time_ms = (int32_t)(8 * HOUR + 30 * MINUTE);
    for (size_t i = 0; i < COUNT(hours); i++) {
        assert_int_equal(kith_calendar_next_time(&o.calendar, at(hours[i].after), time_ms),
                         at(hours[i].next));
        assert_int_equal(kith_calendar_time_on(&o.calendar, at(hours[i].next) + HOUR, time_ms),
                         at(hours[i].next));
    }
    assert_int_equal(kith_calendar_time_on(&o.calendar, at("2026-03-29T12:00:00Z"), 0),
                     at("2026-03-29")); /* the day of the change began in winter time */
    assert_int_equal(kith_calendar_time_on(&o.calendar, at("2026-10-25T12:00:00Z"), 0),
                     at("2026-10-24T23:00:00Z"));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_weekend_is_no_office_time),
        TEST(what_comes_while_the_office_is_closed_came_at_its_opening),
        TEST(the_office_opens_at_the_same_hour_after_the_clocks_go_forward),
        TEST(the_office_opens_at_the_same_hour_after_the_clocks_go_back),
        TEST(an_office_that_is_open_through_the_change_loses_and_gains_its_hour),
        TEST(bank_holidays_differ),
        TEST(an_assessment_has_forty_five_working_days),
        TEST(the_next_opening_is_never_early_and_nothing_is_open_before_it),
        TEST(time_added_in_two_parts_is_the_time_added_at_once),
        TEST(what_came_earlier_is_over_no_later),
        TEST(days_added_one_by_one_are_the_days_added_at_once),
        TEST(an_hour_of_the_wall_is_the_same_on_both_sides_of_a_change),
        TEST(a_clock_is_read_as_it_is_written),
        TEST(what_is_no_clock_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
