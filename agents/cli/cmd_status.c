/* kith status and settle: one screen for a duty officer, one wait for a script. */
#include "agents/cli/commands.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- status ---- */

static void print_brokers(const cli_t *cli, const Kith__Api__StatusResponse *s)
{
    static const char *const headers[] = {"HUB", "STATE", "SINCE", "ENDPOINT", ""};
    table_t *table = table_new(cli->arena, headers, 5);
    for (size_t i = 0; i < s->n_brokers; i++) {
        const Kith__Api__BrokerState *b = s->brokers[i];
        const char *note = b->publishing ? "publishing to it" : "";
        if (b->partnership_version != 0 && b->partnership_version != s->partnership_version)
            note = kith_arena_printf(cli->arena, "%s%shas partnership version %u", note,
                                     *note ? ", " : "", b->partnership_version);
        table_row(table, (const char *const[]){b->id, b->state, text_time(cli->arena, b->since_ms),
                                               b->endpoint, note});
    }
    if (table_rows(table) == 0)
        return;
    puts("");
    table_print(table, stdout, cli->colour);
}

static const char *count(const cli_t *cli, uint64_t value)
{
    return value == 0 ? "-" : kith_arena_printf(cli->arena, "%" PRIu64, value);
}

static uint64_t owed_in_all(const Kith__Api__Owed *owed)
{
    return owed->stored_here + owed->at_the_hub;
}

/* What a hub last said of the other agent; without a hub nothing is known of it. */
static const char *agent_is(const cli_t *cli, const Kith__Api__Owed *o, bool any_hub)
{
    if (o->connected)
        return "connected";
    if (!any_hub)
        return "unknown: no hub";
    if (o->silent_since_ms == 0)
        return "silent";
    return kith_arena_printf(cli->arena, "silent since %s",
                             text_time(cli->arena, o->silent_since_ms));
}

static bool any_hub_well(const Kith__Api__StatusResponse *s)
{
    for (size_t i = 0; i < s->n_brokers; i++)
        if (strcmp(s->brokers[i]->state, "well") == 0)
            return true;
    return false;
}

static void print_owed(const cli_t *cli, const Kith__Api__StatusResponse *s)
{
    static const char *const headers[] = {"TO",          "STORED HERE", "AT THE HUB", "OLDEST",
                                          "EXPIRED",     "DELIVERED",   "SEEN",       "REFUSED",
                                          "QUARANTINED", "AGENT"};
    table_t *table = table_new(cli->arena, headers, 10);
    bool any_hub = any_hub_well(s);
    for (size_t i = 0; i < s->n_owed; i++) {
        const Kith__Api__Owed *o = s->owed[i];
        const char *oldest =
            o->oldest_ms != 0 ? text_age(cli->arena, s->now_ms - o->oldest_ms) : "-";
        table_row(table, (const char *const[]){
                             o->agency, count(cli, o->stored_here), count(cli, o->at_the_hub),
                             oldest, count(cli, o->expired), count(cli, o->delivered),
                             count(cli, o->seen), count(cli, o->refused),
                             count(cli, o->quarantined), agent_is(cli, o, any_hub)});
        if (owed_in_all(o) > 0)
            table_mark(table);
    }
    puts("");
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nothing has been sent to anyone yet.");
}

static void print_here(const Kith__Api__StatusResponse *s)
{
    printf("\n%" PRIu64 " wait%s for a person (kith inbox), %" PRIu64 " at the front door "
           "(kith feed --front-door), %" PRIu64 " in the feed\n",
           s->tasks_open, s->tasks_open == 1 ? "s" : "", s->front_door, s->feed_entries);
    if (s->quarantined_here > 0)
        printf("%" PRIu64 " received could not be opened or applied: kept whole\n",
               s->quarantined_here);
    if (s->parked_here > 0)
        printf("%" PRIu64 " received wait for an earlier message\n", s->parked_here);
    if (s->read_only)
        puts("THE DISK IS FULL: nothing new but urgent notices is taken");
}

static int run_status(cli_t *cli)
{
    Kith__Api__StatusResponse *s;
    int status = cli_ask_status(cli, cli->arena, &s);
    if (status != CLI_OK)
        return status;
    if (cli->json) {
        cli_print_message(cli, &s->base);
        return CLI_OK;
    }
    printf("%s (%s), partnership %s version %u%s\n", text_line(cli->arena, s->name),
           text_line(cli->arena, s->agency), text_line(cli->arena, s->partnership),
           s->partnership_version, s->exercise ? ", EXERCISE" : "");
    printf("its clock says %s; epoch %u, start %" PRIu64 "\n",
           text_time_zone(cli->arena, s->now_ms), s->epoch, s->boot);
    print_brokers(cli, s);
    print_owed(cli, s);
    print_here(s);
    return CLI_OK;
}

const cli_command_t cmd_status = {
    .name = "status",
    .args = "",
    .summary = "one screen: who we are, which hubs, what is owed to whom, what waits here",
    .more = "",
    .example = "kith status",
    .run = run_status,
};

/* ---- settle ---- */

#define SETTLE_WAIT_MS 200u
/* Each request has at least so long, however short the wait as a whole. */
#define SETTLE_ASK_MS     5000
#define SETTLE_DEFAULT_MS (60 * 1000)
#define TURN_BYTES_MAX    (64u * 1024u * 1024u)

/* Held by the agent until something arrives, at most SETTLE_WAIT_MS: what is owed ends by receipts,
 * which no feed shows. */
static int wait_a_little(cli_t *cli, kith_arena_t *arena, uint64_t *cursor)
{
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    ask.after = *cursor;
    ask.wait_ms = SETTLE_WAIT_MS;
    ask.limit = 1;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask_in(cli, arena, cli->timeout_ms, &request, &response);
    if (status == CLI_OK && response->answer_case == KITH__API__RESPONSE__ANSWER_FEED)
        *cursor = response->feed->cursor;
    return status;
}

static uint64_t owed_to_all(const Kith__Api__StatusResponse *s)
{
    uint64_t owed = 0;
    for (size_t i = 0; i < s->n_owed; i++)
        owed += owed_in_all(s->owed[i]);
    return owed;
}

static void print_settled(cli_t *cli, uint64_t owed)
{
    if (cli->json) {
        kith_json_t *object = kith_json_object();
        kith_json_put_bool(object, "settled", owed == 0);
        kith_json_put_int(object, "owed", (int64_t)owed);
        cli_print_json(cli, &object);
    } else if (owed == 0) {
        puts("Nothing is owed to anyone.");
    } else {
        printf("%" PRIu64 " still owed (kith status)\n", owed);
    }
}

static int run_settle(cli_t *cli)
{
    int64_t wait_ms = args_has(&cli->args, "timeout") ? cli->timeout_ms : SETTLE_DEFAULT_MS;
    int64_t deadline = clock_mono_ms() + wait_ms;
    if (cli->timeout_ms < SETTLE_ASK_MS)
        cli->timeout_ms = SETTLE_ASK_MS;
    kith_arena_t *arena = kith_arena_new(TURN_BYTES_MAX);
    uint64_t owed = 0, cursor = 0;
    int status = CLI_OK;
    for (bool first = true; status == CLI_OK; first = false) {
        kith_arena_reset(arena);
        Kith__Api__StatusResponse *s;
        status = cli_ask_status(cli, arena, &s);
        if (status != CLI_OK)
            break;
        owed = owed_to_all(s);
        if (owed == 0 || clock_mono_ms() >= deadline)
            break;
        cursor = first || s->feed_entries > cursor ? s->feed_entries : cursor;
        status = wait_a_little(cli, arena, &cursor);
    }
    kith_arena_destroy(&arena);
    if (status != CLI_OK)
        return status;
    print_settled(cli, owed);
    return owed == 0 ? CLI_OK : CLI_AGAIN;
}

const cli_command_t cmd_settle = {
    .name = "settle",
    .args = "",
    .summary = "wait until nothing is owed to anyone, for scripts",
    .more = "Ends with 0 then, or with 75 after --timeout (60s).",
    .example = "kith settle --timeout 2min && echo all delivered",
    .run = run_settle,
};
