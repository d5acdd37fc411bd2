#include "io/partnership_clocks.h"

#include "base/text.h"
#include "io/zone.h"

#include <string.h>

#define DAY_MS      INT64_C(86400000)
#define WAIT_MS_MAX (30 * DAY_MS)

/* An array in the arena; NULL and told when it is full. */
static void *take(kith_conf_t *conf, kith_arena_t *arena, size_t count, size_t size)
{
    void *taken = kith_arena_alloc(arena, count * size);
    if (taken == NULL)
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    return taken;
}

/* ---- calendars ---- */

int32_t partnership_time(kith_conf_t *conf, const conf_group_t *g, const char *name)
{
    const char *text = conf_str(conf, g, name);
    bool fits = strlen(text) == 5 && text[2] == ':';
    for (size_t i = 0; fits && i < 5; i++)
        fits = i == 2 || (text[i] >= '0' && text[i] <= '9');
    int32_t minutes = fits ? ((text[0] - '0') * 10 + text[1] - '0') * 60 : 0;
    minutes += fits ? (text[3] - '0') * 10 + text[4] - '0' : 0;
    if (!fits || text[3] > '5' || minutes > 24 * 60)
        conf_fail(conf, g, name, "\"%s\" must be a time of day, as \"08:30\"", name);
    return minutes * 60000;
}

static uint8_t load_days(kith_conf_t *conf, const conf_group_t *g)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const char **words = NULL;
    size_t count = conf_strings(conf, g, "days", true, 7, &words);
    unsigned days = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned bit = 0;
        for (unsigned day = 0; day < 7; day++)
            bit |= strcmp(words[i], names[day]) == 0 ? 1u << day : 0;
        if (bit == 0 || (days & bit) != 0)
            conf_fail(conf, g, "days",
                      "\"days\" takes mon, tue, wed, thu, fri, sat, sun, each once");
        days |= bit;
    }
    if (days == 0)
        conf_fail(conf, g, "days", "\"days\" is empty: no clock could ever be met");
    return (uint8_t)days;
}

static void load_holidays(kith_conf_t *conf, kith_arena_t *arena, const conf_group_t *g,
                          kith_calendar_t *calendar)
{
    const char **dates = NULL;
    size_t count = conf_strings(conf, g, "holidays", false, KITH_HOLIDAYS_MAX, &dates);
    int64_t *days = take(conf, arena, count, sizeof *days);
    for (size_t i = 0; days != NULL && i < count; i++) {
        int64_t ms = 0;
        if (strlen(dates[i]) != 10 || kith_time_parse(dates[i], &ms) != KITH_OK)
            conf_fail(conf, g, "holidays", "\"%s\" is no date that exists: write it as 2026-12-25",
                      dates[i]);
        days[i] = ms / DAY_MS;
        for (size_t k = 0; k < i; k++) {
            if (days[k] == days[i])
                conf_fail(conf, g, "holidays", "\"%s\" is listed twice: keep one", dates[i]);
        }
    }
    calendar->holidays = days;
    calendar->holidays_count = count;
}

static const kith_zone_t *load_zone(kith_conf_t *conf, kith_arena_t *arena, const conf_group_t *g,
                                    const kith_agreement_t *a)
{
    const char *name = conf_str(conf, g, "zone");
    const kith_zone_t *zone = NULL;
    for (size_t i = 0; i < a->calendars_count; i++) {
        if (strcmp(a->calendars[i].zone->name, name) == 0)
            return a->calendars[i].zone;
    }
    switch (conf_error(conf) == NULL ? zone_load(name, arena, &zone) : KITH_OK) {
    case KITH_OK:
        break;
    case KITH_NOT_FOUND:
        conf_fail(conf, g, "zone", "\"%s\" is not known here: correct it, or install tzdata", name);
        break;
    case KITH_CORRUPT:
        conf_fail(conf, g, "zone", "the zone file of \"%s\" cannot be used: install tzdata anew",
                  name);
        break;
    case KITH_LIMIT:
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
        break;
    default:
        conf_fail(conf, g, "zone", "\"zone\" must be a zone's name, as \"Europe/London\"");
        break;
    }
    return zone;
}

static void load_calendar(kith_conf_t *conf, kith_arena_t *arena, const conf_group_t *g,
                          const kith_agreement_t *a, kith_calendar_t *calendar)
{
    calendar->id = conf_name(conf, g, "id");
    calendar->zone = load_zone(conf, arena, g, a);
    calendar->opens_ms = partnership_time(conf, g, "opens");
    calendar->closes_ms = partnership_time(conf, g, "closes");
    if (calendar->opens_ms >= calendar->closes_ms)
        conf_fail(conf, g, "closes", "\"closes\" must be later than \"opens\" on the same day");
    calendar->days = load_days(conf, g);
    load_holidays(conf, arena, g, calendar);
    if (kith_agreement_calendar(a, calendar->id) != NULL)
        conf_fail(conf, g, "id", "calendar \"%s\" is listed twice: choose another id",
                  calendar->id);
}

void partnership_calendars(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "calendars", false, KITH_CALENDARS_MAX);
    a->calendars = take(conf, arena, count, sizeof *a->calendars);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        const conf_group_t *g = conf_list_at(conf, root, "calendars", i);
        load_calendar(conf, arena, g, a, &a->calendars[i]);
        a->calendars_count = conf_error(conf) == NULL ? i + 1 : i;
    }
}

/* ---- clocks ---- */

/* What the work runs by; a clock with another name would be a mistake that nobody sees. */
static bool is_clock(const char *name)
{
    static const char *const names[] = {"decision", "information", "assessment"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return strncmp(name, "triage-", 7) == 0 && name[7] != '\0';
}

void partnership_clocks(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    a->assessment_valid_ms =
        conf_duration_or(conf, root, "assessment_valid", DAY_MS, 3650 * DAY_MS, 0);
    size_t count = conf_list(conf, root, "clocks", false, KITH_CLOCKS_MAX);
    a->clocks = take(conf, arena, count, sizeof *a->clocks);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        const conf_group_t *g = conf_list_at(conf, root, "clocks", i);
        kith_clock_t *clock = &a->clocks[i];
        clock->name = conf_name(conf, g, "name");
        if (!is_clock(clock->name))
            conf_fail(conf, g, "name",
                      "nothing runs by \"%s\": a clock is decision, information, assessment, or "
                      "triage- with an urgency",
                      clock->name);
        if (kith_clock_parse(conf_str(conf, g, "within"), clock) != KITH_OK)
            conf_fail(conf, g, "within",
                      "\"within\" must be as \"4h\", \"24 working hours\" or \"2 working days\"");
        if (clock->unit != KITH_CLOCK_RUNS && a->calendars_count == 0)
            conf_fail(conf, g, "within", "working time needs a calendar: add \"calendars\"");
        if (kith_agreement_clock(a, clock->name) != NULL)
            conf_fail(conf, g, "name", "clock \"%s\" is listed twice: keep one", clock->name);
        a->clocks_count = i + 1;
    }
}

/* ---- the ladder ---- */

static void load_step(kith_conf_t *conf, const conf_group_t *g, const kith_ladder_t *ladder,
                      kith_ladder_step_t *step)
{
    step->role = conf_name(conf, g, "role");
    step->wait_ms = conf_duration_or(conf, g, "wait", 0, WAIT_MS_MAX, 0);
    const char *hours = conf_str_or(conf, g, "hours", "always");
    step->office_hours = strcmp(hours, "office") == 0;
    if (!step->office_hours && strcmp(hours, "always") != 0)
        conf_fail(conf, g, "hours", "\"hours\" must be \"always\" or \"office\"");
    for (size_t i = 0; i < ladder->count; i++) {
        if (strcmp(ladder->steps[i].role, step->role) == 0)
            conf_fail(conf, g, "role", "role \"%s\" stands on the ladder twice: keep one",
                      step->role);
    }
}

void partnership_ladder(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *g = conf_group(conf, conf_root(conf), "ladder", false);
    if (g == NULL)
        return;
    kith_ladder_t *ladder = &a->ladder;
    size_t count = conf_list(conf, g, "steps", true, KITH_LADDER_MAX);
    ladder->steps = take(conf, arena, count, sizeof *ladder->steps);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_step(conf, conf_list_at(conf, g, "steps", i), ladder, &ladder->steps[i]);
        ladder->count = i + 1;
    }
    ladder->remind_ms = conf_duration_or(conf, g, "remind", 1000, WAIT_MS_MAX, 0);
    ladder->confirm_ms = conf_duration_or(conf, g, "confirm", 1000, WAIT_MS_MAX, 0);
    if ((ladder->remind_ms == 0) != (ladder->confirm_ms == 0) ||
        ladder->remind_ms > ladder->confirm_ms)
        conf_fail(conf, g, "confirm", "\"remind\" and \"confirm\" go together, \"confirm\" later");
}
