/* Sessions of an agent: HELLO and WELCOME, heartbeat, presence, clones, stop, and when it wants its
 * next turn. */
#include "tests/lib/dies.h"
#include "tests/unit/core_test.h"

static int64_t wait_of(const world_t *w, size_t agent)
{
    return agent_core_wait_ms(w->agents[agent].core, w->mono_ms);
}

static agent_broker_view_t view_of(const world_t *w, size_t agent, size_t broker)
{
    agent_broker_view_t view;
    agent_core_broker(w->agents[agent].core, broker, &view);
    return view;
}

static void give_bye(world_t *w, size_t agent, Kith__Reason reason)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    packet.verb_case = VERB(BYE);
    packet.bye = &bye;
    bye.reason = reason;
    inject(w, agent, 0, &packet);
    (void)world_agent_turn(w, agent);
}

static void hello_says_who_it_is(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = world_new(1, 1);
    tap_on(w, &tap);
    world_settle(w);
    const Kith__Hello *hello = tap_sent(&tap, POLICE, VERB(HELLO), 0)->hello;
    assert_string_equal(hello->agency, "police");
    assert_int_equal(hello->epoch, 1);
    assert_int_equal(hello->boot, 1);
    assert_int_equal(hello->dial, 1);
    assert_int_equal(hello->instance.len, 16);
    assert_int_equal(hello->n_credit, KITH_LANES);
    assert_int_equal(hello->credit[URGENT]->messages, KITH_CREDIT_URGENT_MESSAGES);
    assert_int_equal(hello->credit[NORMAL]->bytes, KITH_CREDIT_NORMAL_BYTES);
    assert_string_equal(view_of(w, POLICE, 0).state, "well");
    end(w);
}

static void each_connection_has_a_dial_of_its_own(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(1, 1);
    tap_on(w, &tap);
    world_drop(w, POLICE, 0);
    world_settle(w);
    assert_string_equal(view_of(w, POLICE, 0).state, "dialling");
    world_pass(w, 500);
    assert_int_equal(tap_sent(&tap, POLICE, VERB(HELLO), 0)->hello->dial, 2);
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_pass(w, 500);
    assert_int_equal(tap_sent(&tap, POLICE, VERB(HELLO), 1)->hello->boot, 2);
    assert_int_equal(tap_sent(&tap, POLICE, VERB(HELLO), 1)->hello->dial, 1);
    end(w);
}

static void a_welcome_that_is_not_right_ends_it(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 4; wrong++) {
        world_t *w = world_new(1, 1);
        assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
        static uint8_t epoch[16] = {1};
        Kith__Packet packet = KITH__PACKET__INIT;
        Kith__Welcome welcome = KITH__WELCOME__INIT;
        packet.verb_case = VERB(WELCOME);
        packet.welcome = &welcome;
        welcome.broker = (char *)(uintptr_t)(wrong == 0 ? "hub-z" : "hub-a");
        welcome.store_epoch = (ProtobufCBinaryData){wrong == 1 ? 15 : 16, epoch};
        welcome.liveness_ms = wrong == 2 ? 0 : 30000;
        welcome.dial = wrong == 3 ? 7 : 1;
        inject(w, POLICE, 0, &packet);
        assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
        assert_string_equal(view_of(w, POLICE, 0).state, "dialling");
        /* of another HELLO: ignored; else the connection is made anew */
        assert_int_equal(w->agents[POLICE].links[0].up, wrong == 3);
        world_pass(w, 1000);
        assert_string_equal(view_of(w, POLICE, 0).state, "well");
        end(w);
    }
}

static void without_a_welcome_it_dials_again(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = world_new(1, 1);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(HELLO), 1);
    world_pass(w, 4999);
    assert_string_equal(view_of(w, POLICE, 0).state, "dialling");
    world_pass(w, 200);
    assert_string_equal(view_of(w, POLICE, 0).state, "well");
    end(w);
}

static void credit_goes_at_least_every_ten_seconds(void **state)
{
    (void)state;
    static const int64_t liveness[] = {30000, 60000, 9000};
    for (size_t i = 0; i < 3; i++) {
        static tap_t tap;
        world_t *w = world_new(1, 1);
        w->brokers[0].settings.liveness_ms = liveness[i];
        world_hub_stop(w, 0);
        world_hub_start(w, 0);
        world_pass(w, 500);
        tap_on(w, &tap);
        world_pass(w, 60 * 1000);
        size_t pause =
            liveness[i] / 3 < KITH_HEARTBEAT_MS ? (size_t)liveness[i] / 3 : KITH_HEARTBEAT_MS;
        assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(CREDIT)), 60 * 1000 / pause);
        assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(HELLO)), 0);
        end(w);
    }
}

static void a_recipient_grants_anew_when_half_is_used(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    for (size_t i = 0; i < 200; i++)
        (void)say(w, POLICE, URGENT, HOUSING);
    world_settle(w); /* no time passes: nobody waits for a heartbeat */
    assert_int_equal(stats_of(w, HOUSING).delivered, 200);
    assert_true(tap_sent_count(&tap, HOUSING, 0, VERB(CREDIT)) > 0);
    end_quiet(w);
}

static void presence_is_what_the_brokers_say(void **state)
{
    (void)state;
    int64_t since_ms = 0;
    world_t *w = begun(2, 1);
    const agent_core_t *police = w->agents[POLICE].core;
    assert_true(agent_core_presence(police, "housing", &since_ms));
    world_cut(w, HOUSING, 0);
    world_settle(w);
    assert_false(agent_core_presence(police, "housing", &since_ms));
    assert_int_equal(since_ms, w->now_ms);
    world_heal(w, HOUSING, 0);
    world_pass(w, 500);
    assert_true(agent_core_presence(police, "housing", &since_ms));
    assert_false(agent_core_presence(police, "nobody", &since_ms));
    assert_int_equal(since_ms, 0);
    world_cut(w, POLICE, 0); /* it knows of nobody */
    world_settle(w);
    assert_false(agent_core_presence(police, "housing", &since_ms));
    end(w);
}

static void presence_of_a_stranger_is_not_kept(void **state)
{
    (void)state;
    int64_t since_ms = 0;
    world_t *w = begun(2, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Presence presence = KITH__PRESENCE__INIT;
    packet.verb_case = VERB(PRESENCE);
    packet.presence = &presence;
    presence.agency = (char *)(uintptr_t) "stranger";
    presence.connected = true;
    inject(w, POLICE, 0, &packet);
    world_settle(w);
    assert_false(agent_core_presence(w->agents[POLICE].core, "stranger", &since_ms));
    end(w);
}

static void a_clone_halts(void **state)
{
    (void)state;
    static const Kith__Reason reasons[] = {REASON(CLONE), REASON(OLD_SESSION)};
    for (size_t i = 0; i < 2; i++) {
        world_t *w = begun(1, 1);
        give_bye(w, POLICE, reasons[i]);
        assert_int_equal(w->agents[POLICE].halted, REASON(CLONE));
        end(w);
    }
}

/* The same agency twice, from one copied store: one of them is told. */
static void a_second_copy_of_a_live_agency_is_turned_away(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    /* housing's place is taken by another running copy of the police */
    tap_on(w, &tap);
    w->agents[POLICE].instance++;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Hello hello = KITH__HELLO__INIT;
    static uint8_t instance[16] = {200};
    packet.verb_case = VERB(HELLO);
    packet.hello = &hello;
    hello.protocol = KITH_PROTOCOL_VERSION;
    hello.partnership = (char *)(uintptr_t) "exampletown";
    hello.agency = (char *)(uintptr_t) "police";
    hello.epoch = 1;
    hello.boot = hello.dial = 1;
    hello.instance = (ProtobufCBinaryData){sizeof instance, instance};
    world_queue_push(&w->agents[POLICE].links[0].to_broker, KITH_PACK(w->arena, &packet));
    world_settle(w);
    assert_int_equal(w->agents[POLICE].halted, REASON(CLONE));
    end(w);
}

static void another_bye_dials_again(void **state)
{
    (void)state;
    world_t *w = begun(1, 1);
    give_bye(w, POLICE, REASON(STOPPING));
    assert_int_equal(w->agents[POLICE].halted, 0);
    assert_false(w->agents[POLICE].links[0].up);
    world_pass(w, 500);
    assert_string_equal(view_of(w, POLICE, 0).state, "well");
    end(w);
}

static void what_belongs_to_no_session_is_ignored(void **state)
{
    (void)state;
    world_t *w = world_new(2, 1);
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK); /* HELLO, no WELCOME yet */
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 0);
    end(w);
}

static void a_verb_that_no_broker_says_is_an_alarm(void **state)
{
    (void)state;
    world_t *w = begun(1, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Taken taken = KITH__TAKEN__INIT;
    packet.verb_case = VERB(TAKEN);
    packet.taken = &taken;
    inject(w, POLICE, 0, &packet);
    world_settle(w);
    assert_string_equal(w->agents[POLICE].alarm, "unexpected-verb");
    end(w);
}

static void stop_says_bye_and_nothing_after(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 2);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    w->agents[POLICE].stop = true;
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(BYE)), 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(BYE)), 1);
    assert_int_equal(tap.seen[tap.count - 1].packet->verb_case, VERB(BYE));
    assert_int_equal(tap_sent(&tap, POLICE, VERB(BYE), 0)->bye->reason, REASON(STOPPING));
    assert_null(w->agents[POLICE].core);
    end(w);
}

/* ---- when it wants its next turn ---- */

static void settled_it_always_waits(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    assert_true(wait_of(w, POLICE) > 0);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_true(wait_of(w, POLICE) > 0);
    world_cut(w, POLICE, 0); /* no broker: what waits does not make it busy */
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_true(wait_of(w, POLICE) > 0);
    assert_true(wait_of(w, POLICE) <= KITH_HEARTBEAT_MS);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

/* Held by LATER and by STALE at once, with both pauses over. */
static void two_holds_at_once_do_not_make_it_busy(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->brokers[0].disk_full = true;
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w); /* LATER */
    kith_agreement_t *next = world_next_agreement(w);
    char *recipient = (char *)(uintptr_t) "housing";
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Stale stale = KITH__STALE__INIT;
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    packet.verb_case = VERB(STALE);
    packet.stale = &stale;
    stale.id = &id;
    stale.partnership_version = next->version;
    stale.n_recipients = 1;
    stale.recipients = &recipient;
    id.origin = (char *)(uintptr_t) "police";
    id.epoch = 1;
    id.seq = 1;
    id.lane = KITH__LANE__LANE_NORMAL;
    inject(w, POLICE, 0, &packet);
    world_pass(w, 60 * 1000);
    assert_true(wait_of(w, POLICE) > 0);
    w->brokers[0].disk_full = false;
    world_give_all(w, next);
    world_pass(w, 60 * 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void it_wakes_for_the_next_thing_that_is_due(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    world_t *w = begun(2, 1);
    w->brokers[0].disk_full = true;
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(wait_of(w, POLICE), w->settings.later_ms); /* the trial */
    (void)say_what(
        w, POLICE,
        (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL, .expires_ms = w->now_ms + 300});
    assert_int_equal(wait_of(w, POLICE), 300); /* an expiry */
    w->brokers[0].disk_full = false;
    world_pass(w, 5000);
    end_quiet(w);
}

/* ---- what changes nothing ---- */

static void a_packet_before_the_welcome_is_of_a_session_that_has_ended(void **state)
{
    (void)state;
    world_t *w = world_new(1, 1);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK); /* HELLO, no WELCOME yet */
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Presence presence = KITH__PRESENCE__INIT;
    int64_t since_ms = 0;
    packet.verb_case = VERB(PRESENCE);
    packet.presence = &presence;
    presence.agency = (char *)(uintptr_t) "police";
    presence.connected = true;
    inject(w, POLICE, 0, &packet);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    world_settle(w);
    assert_string_equal(view_of(w, POLICE, 0).state, "well");
    assert_false(agent_core_presence(w->agents[POLICE].core, "police", &since_ms));
    end(w);
}

static void give_welcome(world_t *w, uint32_t version)
{
    static uint8_t epoch[16] = {1};
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Welcome welcome = KITH__WELCOME__INIT;
    packet.verb_case = VERB(WELCOME);
    packet.welcome = &welcome;
    welcome.broker = (char *)(uintptr_t) "hub-a";
    welcome.store_epoch = (ProtobufCBinaryData){sizeof epoch, epoch};
    welcome.liveness_ms = 30000;
    welcome.dial = 1;
    welcome.partnership_version = version;
    inject(w, POLICE, 0, &packet);
}

static void a_second_welcome_changes_nothing(void **state)
{
    (void)state;
    world_t *w = begun(1, 1);
    give_welcome(w, 9);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(view_of(w, POLICE, 0).partnership_version, 1);
    end(w);
}

static void a_welcome_after_bye_begins_no_session(void **state)
{
    (void)state;
    world_t *w = begun(1, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    packet.verb_case = VERB(BYE);
    packet.bye = &bye;
    bye.reason = REASON(STOPPING);
    inject(w, POLICE, 0, &packet);
    give_welcome(w, 1);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_string_equal(view_of(w, POLICE, 0).state, "dialling");
    world_pass(w, 500);
    assert_string_equal(view_of(w, POLICE, 0).state, "well");
    end(w);
}

static void credit_for_no_lane_is_none(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    w->agents[POLICE].links[0].held = true; /* CREDIT does not come … */
    for (size_t i = 0; i < 70; i++)
        (void)say(w, POLICE, URGENT, HOUSING);
    w->agents[POLICE].links[0].held = false;
    world_queue_clear(&w->agents[POLICE].links[0].to_agent);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Credit credit = KITH__CREDIT__INIT;
    Kith__LaneCredit one = KITH__LANE_CREDIT__INIT, *all[] = {&one};
    packet.verb_case = VERB(CREDIT);
    packet.credit = &credit;
    credit.n_credit = 1;
    credit.credit = all;
    one.lane = (Kith__Lane)9; /* … but this does */
    one.messages = one.bytes = 1000 * 1000;
    inject(w, POLICE, 0, &packet);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), KITH_CREDIT_URGENT_MESSAGES);
    end(w);
}

/* ---- presence ---- */

static void give_presence(world_t *w, size_t broker, const char *agency, int64_t silent_since_ms)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Presence presence = KITH__PRESENCE__INIT;
    packet.verb_case = VERB(PRESENCE);
    packet.presence = &presence;
    presence.agency = (char *)(uintptr_t)agency;
    presence.connected = silent_since_ms == 0;
    presence.silent_since_ms = silent_since_ms;
    inject(w, POLICE, broker, &packet);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
}

static void silent_is_since_the_last_that_any_broker_saw(void **state)
{
    (void)state;
    int64_t since_ms = 0;
    world_t *w = begun(2, 2);
    const agent_core_t *police = w->agents[POLICE].core;
    give_presence(w, 0, "housing", 5000);
    give_presence(w, 1, "housing", 3000);
    assert_false(agent_core_presence(police, "housing", &since_ms));
    assert_int_equal(since_ms, 5000);
    give_presence(w, 1, "housing", 7000);
    assert_false(agent_core_presence(police, "housing", &since_ms));
    assert_int_equal(since_ms, 7000);
    end(w);
}

static void presence_is_kept_of_a_large_partnership(void **state)
{
    (void)state;
    enum { MORE = 40 };
    world_t *w = begun(1, 1);
    kith_agreement_t *next = world_next_agreement(w);
    next->agencies = kith_arena_need(w->arena, (MORE + 1) * sizeof *next->agencies);
    for (size_t i = 0; i <= MORE; i++) {
        next->agencies[i] =
            *world_agency((kith_agreement_t *)(uintptr_t)w->agents[0].agreement, "police");
        if (i > 0)
            next->agencies[i].id = kith_arena_printf(w->arena, "agency-%zu", i);
    }
    next->agencies_count = MORE + 1;
    world_give_agent(w, POLICE, next);
    for (size_t i = 1; i <= MORE; i++)
        give_presence(w, 0, next->agencies[i].id, (int64_t)i);
    for (size_t i = 1; i <= MORE; i++) {
        int64_t since_ms = 0;
        assert_false(agent_core_presence(w->agents[POLICE].core, next->agencies[i].id, &since_ms));
        assert_int_equal(since_ms, i);
    }
    end(w);
}

/* ---- single steps ---- */

static void step_at(world_t *w, int64_t mono_ms, agent_event_t event)
{
    world_agent_t *a = &w->agents[POLICE];
    agent_effects_t effects = {0};
    event.now_ms = w->now_ms;
    event.mono_ms = mono_ms;
    assert_int_equal(agent_core_step(a->core, memtxn_begin(a->store), a->arena, &event, &effects),
                     KITH_OK);
    memtxn_abort(a->store);
}

/* Between two ticks: nobody publishes to it, and it is not yet dialled again. */
static void a_broker_that_was_not_heard_is_silent(void **state)
{
    (void)state;
    world_t *w = begun(1, 2);
    int64_t late_mono_ms = w->mono_ms + 30 * 1000;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Credit credit = KITH__CREDIT__INIT;
    packet.verb_case = VERB(CREDIT);
    packet.credit = &credit;
    step_at(w, late_mono_ms,
            (agent_event_t){.type = AGENT_EV_PACKET, .packet = {.broker = 1, .packet = &packet}});
    assert_string_equal(view_of(w, POLICE, 0).state, "silent");
    assert_string_equal(view_of(w, POLICE, 1).state, "well");
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    end(w);
}

static void one_that_stops_greets_nobody(void **state)
{
    (void)state;
    world_t *w = begun(1, 2);
    world_cut(w, POLICE, 1);
    world_settle(w);
    world_agent_t *a = &w->agents[POLICE];
    agent_effects_t effects = {0};
    step_at(w, w->mono_ms, (agent_event_t){.type = AGENT_EV_STOP});
    step_at(w, w->mono_ms,
            (agent_event_t){.type = AGENT_EV_LINK_UP, .link = {.broker = 1, .dial = 2}});
    agent_event_t stored = {.type = AGENT_EV_STORED};
    assert_int_equal(agent_core_step(a->core, NULL, a->arena, &stored, &effects), KITH_OK);
    assert_int_equal(effects.count, 1); /* to the one that is there */
    assert_int_equal(effects.items[0].send.broker, 0);
    assert_int_equal(effects.items[0].send.packet->verb_case, VERB(BYE));
    end(w);
}

static void step_of_no_type(void *core)
{
    agent_effects_t effects = {0};
    agent_event_t event = {.type = (agent_event_type)99};
    (void)agent_core_step(core, NULL, NULL, &event, &effects);
}

static void an_event_of_no_type_is_a_bug(void **state)
{
    (void)state;
    world_t *w = begun(1, 1);
    assert_true(dies(step_of_no_type, w->agents[POLICE].core));
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_says_who_it_is),
        cmocka_unit_test(each_connection_has_a_dial_of_its_own),
        cmocka_unit_test(a_welcome_that_is_not_right_ends_it),
        cmocka_unit_test(without_a_welcome_it_dials_again),
        cmocka_unit_test(credit_goes_at_least_every_ten_seconds),
        cmocka_unit_test(a_recipient_grants_anew_when_half_is_used),
        cmocka_unit_test(presence_is_what_the_brokers_say),
        cmocka_unit_test(presence_of_a_stranger_is_not_kept),
        cmocka_unit_test(a_clone_halts),
        cmocka_unit_test(a_second_copy_of_a_live_agency_is_turned_away),
        cmocka_unit_test(another_bye_dials_again),
        cmocka_unit_test(what_belongs_to_no_session_is_ignored),
        cmocka_unit_test(a_verb_that_no_broker_says_is_an_alarm),
        cmocka_unit_test(stop_says_bye_and_nothing_after),
        cmocka_unit_test(settled_it_always_waits),
        cmocka_unit_test(two_holds_at_once_do_not_make_it_busy),
        cmocka_unit_test(it_wakes_for_the_next_thing_that_is_due),
        cmocka_unit_test(a_packet_before_the_welcome_is_of_a_session_that_has_ended),
        cmocka_unit_test(a_second_welcome_changes_nothing),
        cmocka_unit_test(a_welcome_after_bye_begins_no_session),
        cmocka_unit_test(credit_for_no_lane_is_none),
        cmocka_unit_test(silent_is_since_the_last_that_any_broker_saw),
        cmocka_unit_test(presence_is_kept_of_a_large_partnership),
        cmocka_unit_test(a_broker_that_was_not_heard_is_silent),
        cmocka_unit_test(one_that_stops_greets_nobody),
        cmocka_unit_test(an_event_of_no_type_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
