/* Whichever call of an agent's store fails, once: the turn ends, nothing of it is said, and after
 * quiet the promise holds as if it had not happened. Each play is run anew for each call. */
#include "tests/unit/core_test.h"

#define QUIET_MS (40 * 1000)

typedef struct play {
    const char *name;
    void (*run)(world_t *w);
    size_t agents, brokers, victim; /* whose store fails */
    bool by_hand;                   /* it speaks of notices that nobody submitted */
} play_t;

/* What an agent has in the end, whatever failed. */
typedef struct had {
    uint64_t notices, applied, taken, parked, quarantined;
} had_t;

/* A client that asks again with the same token until it is answered. */
static void tell(world_t *w, size_t agent, world_submit_t what)
{
    agent_submitted_t submitted = {0};
    what.token = kith_arena_printf(w->arena, "t%llu", (unsigned long long)w->last_id);
    for (int i = 0; i < 2; i++) {
        if (world_submit(w, agent, &what, &submitted) == KITH_OK) {
            assert_int_equal(submitted.err, KITH_OK);
            return;
        }
    }
    fail_msg("two commits failed");
}

static const char *const to_housing[] = {"housing"};
static const char *const to_both[] = {"housing", "social-care"};

static void tell_housing(world_t *w, int lane)
{
    tell(w, POLICE, (world_submit_t){.to = to_housing, .to_count = 1, .lane = lane});
}

/* ---- what an origin does ---- */

static void two_clauses_two_lanes_and_one_that_expires(world_t *w)
{
    static const char *const clauses[] = {"4.1", "4.2"};
    world_cut(w, HOUSING, 0);
    tell(w, POLICE,
         (world_submit_t){
             .to = to_housing, .to_count = 1, .lane = NORMAL, .expires_ms = w->now_ms + 1500});
    tell(w, POLICE, (world_submit_t){.to = to_both, .to_count = 2, .lane = URGENT});
    tell(w, POLICE,
         (world_submit_t){.to = to_both, .to_count = 2, .lane = NORMAL, .clauses = clauses});
    world_pass(w, 2000);
    world_heal(w, HOUSING, 0);
}

/* The same version allows at the agents what it forbids at the hub. */
static void refused_by_the_hub(world_t *w)
{
    static const char *only[] = {"social-care"};
    kith_agreement_t *strict = world_next_agreement(w), *lax = world_next_agreement(w);
    lax->version = strict->version;
    strict->clauses[0].to = only;
    for (size_t i = 0; i < w->agents_count; i++)
        world_give_agent(w, i, lax);
    world_give_broker(w, 0, strict);
    world_pass(w, 500);
    tell_housing(w, NORMAL);
    tell(w, POLICE, (world_submit_t){.to = to_both, .to_count = 2, .lane = NORMAL});
    world_pass(w, 500);
}

static void stale_to_the_hub(world_t *w)
{
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_pass(w, 500);
    tell_housing(w, NORMAL);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    world_give_all(w, next);
    world_pass(w, 500);
}

/* Accepted, then sent again through another hub whose file is newer. */
static void stale_to_another_hub(world_t *w)
{
    world_cut(w, HOUSING, 0);
    world_cut(w, HOUSING, 1);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_agent(w, POLICE, next);
    world_give_broker(w, 1, next);
    world_pass(w, 6000);
    world_give_all(w, next);
    world_heal(w, HOUSING, 0);
    world_heal(w, HOUSING, 1);
}

static void the_hub_says_later(world_t *w)
{
    w->brokers[0].settings.mailbox_messages_max = 1;
    world_hub_stop(w, 0);
    world_hub_start(w, 0);
    world_pass(w, 500);
    world_cut(w, HOUSING, 0);
    for (size_t i = 0; i < 3; i++)
        tell_housing(w, NORMAL);
    world_pass(w, 2500);
    world_heal(w, HOUSING, 0);
}

static void the_hub_loses_its_store(world_t *w)
{
    world_cut(w, HOUSING, 0);
    tell_housing(w, NORMAL);
    tell_housing(w, URGENT);
    world_pass(w, 500);
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0);
    world_pass(w, 1000);
    world_heal(w, HOUSING, 0);
}

static void a_gap_is_filled_through_another_hub(world_t *w)
{
    world_cut(w, HOUSING, 0);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    world_cut(w, POLICE, 0);
    world_pass(w, 500);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    world_heal(w, HOUSING, 0);
    world_heal(w, POLICE, 0);
}

static void a_receipt_is_lost(world_t *w)
{
    static tap_t tap;
    tap_on(w, &tap);
    tap_drop(&tap, HOUSING, true, VERB(RECEIPT), 1);
    tell_housing(w, NORMAL);
    tell_housing(w, URGENT);
    world_pass(w, 3000);
    w->filter = NULL;
}

static void quarantined_for_its_key_and_for_its_content(world_t *w)
{
    const char *right = w->agents[HOUSING].sealing_key;
    w->agents[HOUSING].sealing_key = "another-key";
    w->agents[POLICE].links[0].held = true;
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    w->agents[HOUSING].sealing_key = right;
    w->agents[POLICE].links[0].held = false;
    tell(w, POLICE,
         (world_submit_t){
             .to = to_housing, .to_count = 1, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
}

/* The core is thrown away with streams under way, and made again from the store. */
static void a_commit_is_lost(world_t *w)
{
    world_cut(w, HOUSING, 0);
    tell_housing(w, NORMAL);
    tell_housing(w, URGENT);
    world_pass(w, 500);
    w->agents[POLICE].next_commit = WORLD_COMMIT_LOST;
    (void)world_agent_turn(w, POLICE);
    world_pass(w, 1000);
    world_heal(w, HOUSING, 0);
}

/* Housing shows police what it had said itself. */
static void its_own_words_are_shown(world_t *w)
{
    static tap_t tap;
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    tell_housing(w, NORMAL);
    world_pass(w, 1000);
    w->filter = NULL;
    const Kith__Envelope *shown = tap_sent(&tap, POLICE, VERB(PUBLISH), 0)->publish->envelope;
    Kith__StreamId stream = KITH__STREAM_ID__INIT;
    Kith__Receipt receipt = KITH__RECEIPT__INIT;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
    stream.origin = (char *)(uintptr_t) "police";
    stream.recipient = (char *)(uintptr_t) "housing";
    stream.origin_epoch = stream.recipient_epoch = 1;
    stream.lane = KITH__LANE__LANE_NORMAL;
    receipt.stream = &stream;
    packet.verb_case = VERB(RECEIPT);
    packet.receipt = &body;
    body.receipt = fake_sign(w->arena, KITH_TAG_RECEIPT, "housing", KITH_PACK(w->arena, &receipt));
    body.shown_header = shown->header;
    body.shown_proof = shown->proof;
    for (size_t i = 0; i < 2; i++) {
        world_pass(w, 1000);
        if (w->agents[POLICE].links[0].up)
            inject(w, POLICE, 0, &packet);
        world_settle(w);
    }
    world_heal(w, HOUSING, 0);
}

/* ---- the partnership file changes ---- */

/* Sealed under the former file and lost on its way: its origin has the newer file already. */
static void stale_to_one_whose_file_is_new(world_t *w)
{
    static tap_t tap;
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    tell_housing(w, NORMAL);
    world_pass(w, 200);
    w->filter = NULL;
    world_give_all(w, world_next_agreement(w));
    world_drop(w, POLICE, 0);
}

/* It waits to be sealed anew when the agreement narrows. */
static void no_longer_allowed_when_it_is_sealed_anew(world_t *w)
{
    static const char *only[] = {"social-care"};
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_pass(w, 500);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    world_cut(w, POLICE, 0);
    world_pass(w, 500);
    world_give_agent(w, POLICE, next);
    world_pass(w, 500);
    kith_agreement_t *strict = world_next_agreement(w);
    strict->clauses[0].to = only;
    world_give_all(w, strict);
    world_heal(w, POLICE, 0);
}

/* Some were delivered, one is refused and its void lost, one waits, when housing's disk is lost. */
static void a_recipient_loses_its_store(world_t *w)
{
    static const char *only[] = {"social-care"};
    static tap_t tap;
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    world_cut(w, HOUSING, 0);
    tell_housing(w, NORMAL);
    world_pass(w, 500);
    kith_agreement_t *strict = world_next_agreement(w);
    strict->clauses[0].to = only;
    world_give_all(w, strict);
    world_heal(w, HOUSING, 0);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    world_pass(w, 500);
    world_cut(w, HOUSING, 0);
    tell(w, POLICE,
         (world_submit_t){.to = to_housing,
                          .to_count = 1,
                          .lane = NORMAL,
                          .clause = "4.2",
                          .topic_class = "safeguarding"});
    world_pass(w, 500);
    w->filter = NULL;
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = next->clauses[0].from;
    uint32_t epoch = ++world_agency(next, "housing")->epoch;
    world_agent_stop(w, HOUSING);
    world_agent_lose_store(w, HOUSING, epoch);
    world_give_all(w, next);
    world_agent_start(w, HOUSING);
    world_heal(w, HOUSING, 0);
}

/* Sealed and not: to one that left, and to one that is no longer in the file. */
static void recipients_leave(world_t *w)
{
    static const char *const three[] = {"housing", "social-care", "health"};
    world_submit_t what = {.to = three, .to_count = 3, .lane = NORMAL};
    for (size_t i = HOUSING; i <= HEALTH; i++)
        world_cut(w, i, 0);
    tell(w, POLICE, what);
    world_pass(w, 500);
    world_cut(w, POLICE, 0);
    world_pass(w, 500);
    tell(w, POLICE, what);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "housing")->left = true;
    next->agencies_count = 3; /* not health */
    world_give_all(w, next);
    world_pass(w, 500);
    world_agent_stop(w, HOUSING);
    world_agent_stop(w, HEALTH);
    world_heal(w, POLICE, 0);
    world_heal(w, SOCIAL, 0);
    world_pass(w, QUIET_MS);
    w->agents_count = 4;
}

/* ---- what a recipient does ---- */

/* Once it is connected again. */
static void hand(world_t *w, made_t made)
{
    do
        world_pass(w, 1000);
    while (!w->agents[HOUSING].links[0].up);
    (void)deliver(w, HOUSING, 0, made);
    world_settle(w);
}

/* Each twice, since what came in a turn that failed comes again. */
static void delivered_out_of_order(world_t *w)
{
    static const uint8_t id[16] = {9, 9};
    kith_digest_t digest;
    (void)make_envelope(w, (made_t){.n = 4, .lane = URGENT}, &digest);
    const made_t made[] = {
        {.n = 6, .lane = URGENT},
        {.n = 3, .lane = URGENT, .sealing_key = "another-key"},
        {.n = 4, .seq = 40, .lane = URGENT, .replaces = &digest},
        {.n = 2, .lane = URGENT, .id = id},
        {.n = 1, .lane = URGENT, .id = id},
        {.n = 5, .lane = URGENT, .kind = WORLD_CANNOT_APPLY},
        {.n = 6, .seq = 60, .lane = URGENT}, /* two under one number */
        {.n = 7, .lane = URGENT, .forged = true},
        {.n = 4, .lane = URGENT},
    };
    for (size_t i = 0; i < 2 * sizeof made / sizeof made[0]; i++)
        hand(w, made[i / 2]);
}

static void parked_when_its_origin_loses_its_store(world_t *w)
{
    const made_t opened = {.n = 2, .lane = NORMAL};
    const made_t sealed = {.n = 4, .lane = NORMAL, .sealing_key = "another-key"};
    const made_t later = {.n = 9, .lane = NORMAL};
    const made_t later_sealed = {.n = 8, .lane = NORMAL, .sealing_key = "another-key"};
    for (size_t i = 0; i < 4; i++)
        hand(w, i < 2 ? opened : sealed);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "police")->epoch = 2;
    world_agent_stop(w, POLICE);
    world_agent_lose_store(w, POLICE, 2);
    world_give_all(w, next);
    world_agent_start(w, POLICE);
    for (size_t i = 0; i < 4; i++)
        hand(w, i < 2 ? later : later_sealed);
}

/* Its start follows a run that was cut off. */
static void after_an_unclean_start(world_t *w)
{
    w->agents[HOUSING].unclean = true;
    w->agents[HOUSING].next_commit = WORLD_COMMIT_LOST;
    (void)world_agent_turn(w, HOUSING);
    world_pass(w, 1000);
    w->agents[HOUSING].links[0].held = true;
    tell_housing(w, NORMAL);
    tell_housing(w, NORMAL);
    tell_housing(w, URGENT);
    world_pass(w, 1000);
    w->agents[HOUSING].links[0].held = false;
    world_pass(w, 1000);
}

/* ---- each call of each play ---- */

static world_t *set_up(const play_t *play)
{
    world_t *w = world_new(play->agents, play->brokers);
    w->settings.resend_urgent_ms = 1000;
    w->settings.resend_normal_ms = 2000;
    w->settings.resend_max_ms = 4000;
    w->settings.later_max_ms = 1000;
    for (size_t i = 0; i < w->agents_count; i++) {
        world_agent_stop(w, i);
        world_agent_start(w, i);
    }
    return w;
}

static had_t had(world_t *w, size_t agent)
{
    return (had_t){.notices = world_rows(w, agent, AGENT_TABLE_NOTICES),
                   .applied = world_rows(w, agent, AGENT_TABLE_APPLIED),
                   .taken = world_rows(w, agent, AGENT_TABLE_TAKEN),
                   .parked = world_rows(w, agent, AGENT_TABLE_PARKED),
                   .quarantined = world_rows(w, agent, AGENT_TABLE_QUARANTINE)};
}

/* With sanitizers, which take ten times as long, one call of three fails. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 3 };
#else
enum { STEP = 1 };
#endif

/* With the nth call failing; 0: none. true: the play has fewer calls. */
static bool run_with(const play_t *play, uint64_t nth, had_t *ret_had)
{
    world_t *w = set_up(play);
    memtxn_t *store = w->agents[play->victim].store;
    uint64_t before = memtxn_calls(store);
    memtxn_fail(store, nth, KITH_IO);
    world_settle(w);
    play->run(w);
    world_pass(w, QUIET_MS);
    bool done = memtxn_calls(store) - before < nth;
    memtxn_fail(store, 0, KITH_OK);
    *ret_had = had(w, play->victim);
    if (!play->by_hand)
        (void)world_check(w);
    if (w->wrong)
        fail_msg("%s, call %llu of %s: %s", play->name, (unsigned long long)nth,
                 w->agents[play->victim].id, w->wrong);
    world_destroy(&w);
    return done;
}

static void fail_each_call(const play_t *play)
{
    had_t expected, got;
    (void)run_with(play, 0, &expected);
    for (uint64_t nth = 1; !run_with(play, nth, &got); nth += STEP)
        if (memcmp(&expected, &got, sizeof got) != 0)
            fail_msg("%s: after call %llu failed it has something else", play->name,
                     (unsigned long long)nth);
}

#define PLAY(run) #run, run

static void whichever_call_fails_the_promise_holds(void **state)
{
    (void)state;
    static const play_t plays[] = {
        {PLAY(two_clauses_two_lanes_and_one_that_expires), 3, 1, POLICE, false},
        {PLAY(two_clauses_two_lanes_and_one_that_expires), 3, 1, HOUSING, false},
        {PLAY(refused_by_the_hub), 3, 1, POLICE, false},
        {PLAY(stale_to_the_hub), 2, 1, POLICE, false},
        {PLAY(stale_to_another_hub), 2, 2, POLICE, false},
        {PLAY(the_hub_says_later), 2, 1, POLICE, false},
        {PLAY(the_hub_loses_its_store), 2, 1, POLICE, false},
        {PLAY(a_gap_is_filled_through_another_hub), 2, 2, POLICE, false},
        {PLAY(a_receipt_is_lost), 2, 1, POLICE, false},
        {PLAY(quarantined_for_its_key_and_for_its_content), 2, 1, POLICE, false},
        {PLAY(quarantined_for_its_key_and_for_its_content), 2, 1, HOUSING, false},
        {PLAY(a_commit_is_lost), 2, 1, POLICE, false},
        {PLAY(its_own_words_are_shown), 2, 1, POLICE, false},
        {PLAY(stale_to_one_whose_file_is_new), 2, 1, POLICE, false},
        {PLAY(no_longer_allowed_when_it_is_sealed_anew), 3, 1, POLICE, false},
        {PLAY(after_an_unclean_start), 2, 1, HOUSING, false},
        {PLAY(a_recipient_loses_its_store), 3, 1, POLICE, false},
        {PLAY(recipients_leave), 4, 1, POLICE, true},
        {PLAY(delivered_out_of_order), 2, 1, HOUSING, true},
        {PLAY(parked_when_its_origin_loses_its_store), 2, 1, HOUSING, true},
    };
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
        fail_each_call(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whichever_call_fails_the_promise_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
