/* The programs at both ends of a chain: one submits events to an agent as a case system does, the
 * others watch the recipients' feeds as a page does. Times are taken here, outside the agents, from
 * the moment an event was due to be submitted: a submission that waits counts its waiting.
 *
 * bench/chain/run starts it. It prints one JSON object. */
#include "base/envelope.h"
#include "base/id.h"
#include "base/limits.h"
#include "io/ask.h"
#include "io/clock.h"
#include "io/keys.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECIPIENTS_MAX  64u
#define HOUSEHOLDS_MAX  1024u
#define ARENA_BYTES_MAX (64u * 1024u * 1024u)
#define WAIT_MS         60000
/* One notice at a time is asked after until its receipts are in. */
#define SAMPLE_EVERY_US 20000
#define SAMPLE_ASK_US   1000
#define STATUS_EVERY_MS 10

typedef struct plan {
    const char *agent;
    const char *topic;
    size_t count, window, text_bytes;
    double rate; /* events a second; 0: as many as the window lets */
    size_t watched_count;
    const char *watched[RECIPIENTS_MAX];
    size_t to_count;
    const char *to[RECIPIENTS_MAX];
    size_t households_count;
    kith_id_t households[HOUSEHOLDS_MAX];
} plan_t;

typedef struct times {
    size_t count;
    int64_t *us;
} times_t;

/* What is asked after until all have receipted it. */
typedef struct sample {
    bool wanted, known, asked;
    size_t event;
    uint64_t request;
    uint8_t id[KITH_ID_BYTES];
    int64_t next_us;
} sample_t;

typedef struct chain {
    plan_t plan;
    ask_t *agent, *prober;
    ask_t *watchers[RECIPIENTS_MAX];
    uint64_t cursors[RECIPIENTS_MAX];
    kith_arena_t *arena;
    link_poll_t *poll;
    char *text;
    int64_t base_ms; /* an event's time says which one it is */
    int64_t start_us;
    size_t sent, answered, seen;
    uint64_t first_request;
    int64_t *due_us;
    sample_t sample;
    times_t stored, delivered, receipted;
} chain_t;

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench-chain: %s\n", what);
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("no memory");
    return memory;
}

/* ---- submitting ---- */

static int64_t due_us(const chain_t *self, size_t event)
{
    return self->start_us + (int64_t)((double)event * 1e6 / self->plan.rate);
}

/* false: the way to the agent is full; it is tried again. */
static bool submit(chain_t *self, size_t event)
{
    const plan_t *plan = &self->plan;
    const uint64_t which[] = {(uint64_t)self->base_ms, event};
    kith_digest_t token = kith_hash1(keys_hash, KITH_TAG_REQUEST, /* no two alike, as `kith`'s */
                                     (kith_bytes_t){(const uint8_t *)which, sizeof which});
    Kith__Event body = KITH__EVENT__INIT;
    body.kind = (char *)(uintptr_t) "call-out";
    body.occurred_ms = self->base_ms + (int64_t)event;
    body.narrative = self->text;
    body.minutes_spent = 45;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.topic = (char *)(uintptr_t)plan->topic;
    draft.body_case = KITH__API__DRAFT__BODY_EVENT;
    draft.event = &body;
    draft.n_to = plan->to_count;
    draft.to = (char **)(uintptr_t)plan->to;
    if (plan->households_count) {
        draft.household.len = KITH_ID_BYTES;
        draft.household.data =
            (uint8_t *)(uintptr_t)plan->households[event % plan->households_count].bytes;
    }
    Kith__Api__SubmitRequest ask = KITH__API__SUBMIT_REQUEST__INIT;
    ask.token = (ProtobufCBinaryData){sizeof token.bytes, token.bytes};
    ask.draft = &draft;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &ask;
    kith_arena_reset(self->arena);
    kith_err err = ask_send(self->agent, self->arena, &request);
    if (err == KITH_FULL)
        return false;
    if (err != KITH_OK)
        fail("the agent takes no more");
    if (event == 0)
        self->first_request = request.id;
    self->due_us[event] = plan->rate > 0 ? due_us(self, event) : now_us();
    if (plan->watched_count && !self->sample.wanted && now_us() >= self->sample.next_us)
        self->sample = (sample_t){.wanted = true, .event = event};
    return true;
}

static void submit_what_is_due(chain_t *self)
{
    const plan_t *plan = &self->plan;
    while (self->sent < plan->count && self->sent - self->answered < plan->window) {
        if (plan->rate > 0 && due_us(self, self->sent) > now_us())
            return;
        if (!submit(self, self->sent))
            return;
        self->sent++;
    }
}

static void take_answers(chain_t *self)
{
    for (;;) {
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = ask_receive(self->agent, self->arena, 0, &response);
        if (err == KITH_AGAIN)
            return;
        if (err != KITH_OK)
            fail("the agent went away");
        if (response->status != KITH__API__STATUS__STATUS_OK || !response->submit)
            fail(response->what);
        size_t event = (size_t)(response->id - self->first_request);
        self->stored.us[self->stored.count++] = now_us() - self->due_us[event];
        self->answered++;
        if (self->sample.wanted && self->sample.event == event) {
            memcpy(self->sample.id, response->submit->id.data, KITH_ID_BYTES);
            self->sample.known = true;
        }
    }
}

/* ---- receipts, of one notice at a time ---- */

static bool all_delivered(const Kith__Api__ShowResponse *show)
{
    for (size_t i = 0; i < show->n_recipients; i++) {
        if (strncmp(show->recipients[i]->state, "delivered", strlen("delivered")) != 0)
            return false;
    }
    return show->n_recipients > 0;
}

static void ask_after_sample(chain_t *self)
{
    sample_t *sample = &self->sample;
    if (!sample->known || sample->asked || now_us() < sample->next_us)
        return;
    Kith__Api__ShowRequest ask = KITH__API__SHOW_REQUEST__INIT;
    ask.id = (ProtobufCBinaryData){KITH_ID_BYTES, sample->id};
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SHOW;
    request.show = &ask;
    kith_arena_reset(self->arena);
    if (ask_send(self->prober, self->arena, &request) != KITH_OK)
        fail("the agent takes no questions");
    sample->asked = true;
    sample->next_us = now_us() + SAMPLE_ASK_US;
}

static void take_sample(chain_t *self)
{
    sample_t *sample = &self->sample;
    Kith__Api__Response *response = NULL;
    kith_arena_reset(self->arena);
    if (!sample->asked || ask_receive(self->prober, self->arena, 0, &response) != KITH_OK)
        return;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_SHOW)
        fail(response->what);
    sample->asked = false;
    if (!all_delivered(response->show))
        return;
    self->receipted.us[self->receipted.count++] = now_us() - self->due_us[sample->event];
    *sample = (sample_t){.next_us = now_us() + SAMPLE_EVERY_US};
}

/* ---- deliveries ---- */

static void watch(chain_t *self, size_t place)
{
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    ask.after = self->cursors[place];
    ask.wait_ms = WAIT_MS;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &ask;
    kith_arena_reset(self->arena);
    if (ask_send(self->watchers[place], self->arena, &request) != KITH_OK)
        fail("a recipient cannot be watched");
}

static void take_entries(chain_t *self, const Kith__Api__FeedResponse *feed)
{
    for (size_t i = 0; i < feed->n_entries; i++) {
        int64_t event = feed->entries[i]->occurred_ms - self->base_ms;
        if (event < 0 || event >= (int64_t)self->sent)
            continue; /* of another run, or no event */
        self->seen++;
        self->delivered.us[self->delivered.count++] = now_us() - self->due_us[event];
    }
}

static void take_deliveries(chain_t *self)
{
    for (size_t place = 0; place < self->plan.watched_count; place++) {
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = ask_receive(self->watchers[place], self->arena, 0, &response);
        if (err == KITH_AGAIN)
            continue;
        if (err != KITH_OK || response->answer_case != KITH__API__RESPONSE__ANSWER_FEED)
            fail("a recipient's feed ended");
        take_entries(self, response->feed);
        self->cursors[place] = response->feed->cursor;
        watch(self, place);
    }
}

/* Entries that were there before are passed over. */
static void begin_watches(chain_t *self)
{
    for (size_t place = 0; place < self->plan.watched_count; place++) {
        Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
        Kith__Api__Request request = KITH__API__REQUEST__INIT;
        Kith__Api__Response *response = NULL;
        request.ask_case = KITH__API__REQUEST__ASK_STATUS;
        request.status = &ask;
        kith_arena_reset(self->arena);
        if (ask_call(self->watchers[place], self->arena, WAIT_MS, &request, &response) != KITH_OK ||
            response->answer_case != KITH__API__RESPONSE__ANSWER_AGENT)
            fail("a recipient does not answer");
        self->cursors[place] = response->agent->feed_entries;
        watch(self, place);
    }
}

/* ---- the run ---- */

static bool goes_on(const chain_t *self)
{
    return self->answered < self->plan.count ||
           self->seen < self->plan.count * self->plan.watched_count || self->sample.known;
}

static void wait_for_something(chain_t *self)
{
    bool soon = self->plan.rate > 0 && self->sent < self->plan.count;
    link_poll_clear(self->poll);
    ask_poll(self->agent, self->poll);
    ask_poll(self->prober, self->poll);
    for (size_t place = 0; place < self->plan.watched_count; place++)
        ask_poll(self->watchers[place], self->poll);
    (void)link_poll_wait(self->poll, soon || self->sample.wanted ? 1 : 1000);
}

static void run(chain_t *self)
{
    begin_watches(self);
    self->start_us = now_us();
    int64_t given_up_us = self->start_us + (int64_t)WAIT_MS * 1000 * 10;
    while (goes_on(self)) {
        submit_what_is_due(self);
        take_answers(self);
        ask_after_sample(self);
        take_sample(self);
        take_deliveries(self);
        if (now_us() > given_up_us)
            fail("not done within ten minutes");
        if (goes_on(self))
            wait_for_something(self);
    }
}

static uint64_t owed(chain_t *self)
{
    Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    request.ask_case = KITH__API__REQUEST__ASK_STATUS;
    request.status = &ask;
    kith_arena_reset(self->arena);
    if (ask_call(self->prober, self->arena, WAIT_MS, &request, &response) != KITH_OK ||
        response->answer_case != KITH__API__RESPONSE__ANSWER_AGENT)
        fail("the agent does not say what is owed");
    uint64_t sum = 0;
    for (size_t i = 0; i < response->agent->n_owed; i++)
        sum += response->agent->owed[i]->stored_here + response->agent->owed[i]->at_the_hub;
    return sum;
}

/* Held by the agent, as `kith settle` waits: no feed shows that a receipt has come. */
static void wait_at_the_agent(chain_t *self)
{
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    ask.after = UINT64_MAX - 1;
    ask.wait_ms = STATUS_EVERY_MS;
    ask.limit = 1;
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &ask;
    kith_arena_reset(self->arena);
    if (ask_call(self->prober, self->arena, WAIT_MS, &request, &response) != KITH_OK)
        fail("the agent went away");
}

static int64_t settle(chain_t *self)
{
    while (owed(self) > 0)
        wait_at_the_agent(self);
    return now_us();
}

/* ---- what it prints ---- */

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double part_ms(const times_t *times, double part)
{
    size_t index = (size_t)(part * (double)times->count);
    if (index >= times->count)
        index = times->count - 1;
    return (double)times->us[index] / 1000;
}

static void print_times(const char *name, times_t *times)
{
    if (times->count == 0)
        return;
    qsort(times->us, times->count, sizeof *times->us, ascending);
    printf(", \"%s_p50_ms\": %.2f, \"%s_p99_ms\": %.2f", name, part_ms(times, 0.5), name,
           part_ms(times, 0.99));
}

static void print(chain_t *self, int64_t stored_us, int64_t settled_us)
{
    double stored_s = (double)(stored_us - self->start_us) / 1e6;
    double settled_s = (double)(settled_us - self->start_us) / 1e6;
    printf("{\"count\": %zu, \"samples\": %zu, \"stored_s\": %.3f, \"settled_s\": %.3f",
           self->plan.count, self->receipted.count, stored_s, settled_s);
    print_times("stored", &self->stored);
    print_times("delivered", &self->delivered);
    print_times("receipt", &self->receipted);
    printf("}\n");
}

/* ---- what it is asked ---- */

static void read_household(plan_t *plan, const char *text)
{
    if (plan->households_count == HOUSEHOLDS_MAX ||
        kith_id_parse(text, &plan->households[plan->households_count]) != KITH_OK)
        fail("--household is a full id, at most 1,024 of them");
    plan->households_count++;
}

static void add_name(size_t *count, const char **list, const char *name)
{
    if (*count == RECIPIENTS_MAX)
        fail("at most 64 of these");
    list[(*count)++] = name;
}

static plan_t read_plan(int argc, char **argv)
{
    static const struct option options[] = {
        {"agent", required_argument, NULL, 'a'}, {"topic", required_argument, NULL, 'o'},
        {"count", required_argument, NULL, 'n'}, {"window", required_argument, NULL, 'w'},
        {"rate", required_argument, NULL, 'r'},  {"text", required_argument, NULL, 't'},
        {"watch", required_argument, NULL, 'c'}, {"household", required_argument, NULL, 'h'},
        {"to", required_argument, NULL, 'd'},    {0}};
    plan_t plan = {.topic = "call-out", .count = 10000, .window = 256, .text_bytes = 400};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'a':
            plan.agent = optarg;
            break;
        case 'o':
            plan.topic = optarg;
            break;
        case 'n':
            plan.count = strtoul(optarg, NULL, 10);
            break;
        case 'w':
            plan.window = strtoul(optarg, NULL, 10);
            break;
        case 'r':
            plan.rate = strtod(optarg, NULL);
            break;
        case 't':
            plan.text_bytes = strtoul(optarg, NULL, 10);
            break;
        case 'c':
            add_name(&plan.watched_count, plan.watched, optarg);
            break;
        case 'd':
            add_name(&plan.to_count, plan.to, optarg);
            break;
        case 'h':
            read_household(&plan, optarg);
            break;
        default:
            fail("--agent SOCKET [--count N] [--window N] [--rate N] [--text BYTES] [--topic NAME] "
                 "[--household ID]… [--to AGENCY]… [--watch SOCKET]…");
        }
    }
    if (!plan.agent || !plan.count)
        fail("--agent SOCKET and a --count are needed");
    return plan;
}

static ask_t *open_agent(const char *socket)
{
    ask_t *ask = NULL;
    if (ask_open(socket, WAIT_MS, &ask) != KITH_OK)
        fail("an agent cannot be reached");
    return ask;
}

static times_t new_times(size_t count)
{
    return (times_t){.us = room(count, sizeof(int64_t))};
}

int main(int argc, char **argv)
{
    static chain_t self;
    const plan_t *plan = &self.plan;
    self.plan = read_plan(argc, argv);
    self.arena = kith_arena_new(ARENA_BYTES_MAX);
    self.poll = link_poll_new(2 * (2 + plan->watched_count));
    self.agent = open_agent(plan->agent);
    self.prober = open_agent(plan->agent);
    for (size_t i = 0; i < plan->watched_count; i++)
        self.watchers[i] = open_agent(plan->watched[i]);
    self.text = room(plan->text_bytes + 1, 1);
    memset(self.text, 'x', plan->text_bytes);
    self.base_ms = clock_wall_ms() - INT64_C(365) * 24 * 3600 * 1000;
    self.due_us = room(plan->count, sizeof *self.due_us);
    self.stored = new_times(plan->count);
    self.delivered = new_times(plan->count * plan->watched_count);
    self.receipted = new_times(plan->count);
    run(&self);
    int64_t end_us = now_us();
    print(&self, end_us, settle(&self));
    return 0; /* the rest ends with the process */
}
