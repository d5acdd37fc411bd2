/* Connections to a broker, on real sockets: dialled, counted, filled, ended, dialled again. */
#include "agents/agent_links.h"
#include "base/frame.h"
#include "tests/unit/link_world.h"

static const char *const hubs[] = {"hub-a"};

/* What links are made of; `mono_ms` is the test's own clock, so that no pause is waited for. */
typedef struct side {
    world_t *w;
    agent_conf_t conf;
    kith_broker_entry_t hub;
    kith_agreement_t agreement;
    agent_links_t *links;
    int64_t mono_ms;
} side_t;

static void side_begin(side_t *s, world_t *w)
{
    *s = (side_t){.w = w, .mono_ms = 1000000};
    s->conf.brokers_count = 1;
    s->conf.brokers = (const char **)(uintptr_t)hubs;
    s->hub = (kith_broker_entry_t){.id = "hub-a", .endpoint = w->endpoint};
    s->hub.transport.count = 1;
    memcpy(s->hub.transport.keys[0].key, keys_public(w->keys[BROKER], KEYS_TRANSPORT), 32);
    s->agreement = (kith_agreement_t){.brokers_count = 1, .brokers = &s->hub};
    s->links = agent_links_new(w->context, w->keys[POLICE], &s->conf);
    agent_links_agreement(s->links, &s->agreement, s->mono_ms);
}

static void side_end(side_t *s)
{
    agent_links_destroy(&s->links);
    agent_links_destroy(&s->links);
}

/* Whatever moves is waited for. */
static void side_wait(side_t *s, int64_t *given_up)
{
    if (*given_up == 0)
        *given_up = clock_mono_ms() + GIVE_UP_MS;
    assert_true(clock_mono_ms() < *given_up);
    link_poll_clear(s->w->poll);
    if (s->w->zap)
        link_poll_zap(s->w->poll, s->w->zap);
    if (s->w->server)
        link_poll_server(s->w->poll, s->w->server);
    agent_links_poll(s->links, s->w->poll);
    assert_int_equal(link_poll_wait(s->w->poll, 100), KITH_OK);
    if (s->w->zap)
        zap_serve(s->w->zap);
}

static agent_link_news_t side_news(side_t *s)
{
    int64_t given_up = 0;
    agent_link_news_t news = {0};
    agent_links_dial(s->links, s->mono_ms);
    while (!agent_links_news(s->links, s->mono_ms, &news))
        side_wait(s, &given_up);
    return news;
}

static void side_up(side_t *s, uint64_t dial)
{
    agent_link_news_t news = side_news(s);
    assert_int_equal(news.type, AGENT_LINK_UP);
    assert_int_equal(news.broker, 0);
    assert_int_equal(news.dial, dial);
}

/* One dial that comes to nothing, which is no news. */
static void side_fail(side_t *s)
{
    int64_t given_up = 0;
    agent_link_news_t news;
    s->mono_ms += AGENT_LINKS_DENIED_MAX_MS;
    agent_links_dial(s->links, s->mono_ms);
    while (agent_links_wait_ms(s->links, s->mono_ms) == INT64_MAX ||
           agent_links_wait_ms(s->links, s->mono_ms) == 0) {
        assert_false(agent_links_news(s->links, s->mono_ms, &news));
        if (agent_links_wait_ms(s->links, s->mono_ms) == INT64_MAX)
            side_wait(s, &given_up);
    }
}

static void send_bye(side_t *s, uint64_t size)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    char *detail = calloc(1, size + 1);
    assert_non_null(detail);
    memset(detail, 'x', size);
    bye.detail = detail;
    packet.verb_case = KITH__PACKET__VERB_BYE;
    packet.bye = &bye;
    agent_links_send(s->links, 0, &packet);
    free(detail);
}

static size_t packets_of(kith_bytes_t frame)
{
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    size_t count = 0;
    assert_int_equal(kith_frame_open(frame, &reader), KITH_OK);
    while (kith_frame_next(&reader, &packet))
        count++;
    return count;
}

static link_arrival_t side_arrival(side_t *s)
{
    int64_t given_up = 0;
    link_arrival_t arrival;
    while (link_server_receive(s->w->server, &arrival) != KITH_OK)
        side_wait(s, &given_up);
    return arrival;
}

static void packets_travel_many_to_a_frame(void **state)
{
    side_t s;
    side_begin(&s, *state);
    side_up(&s, 1);
    for (int i = 0; i < 5; i++)
        send_bye(&s, 100);
    agent_links_flush(s.links);
    assert_int_equal(packets_of(side_arrival(&s).frame), 5);
    agent_links_flush(s.links); /* nothing waits: nothing goes */
    for (int i = 0; i < 9; i++)
        send_bye(&s, 60000);
    agent_links_flush(s.links);
    assert_int_equal(packets_of(side_arrival(&s).frame), 5); /* 320 KiB is full */
    link_arrival_t last = side_arrival(&s);
    assert_int_equal(packets_of(last.frame), 4);
    assert_string_equal(last.user, "police");

    size_t broker = 9;
    kith_bytes_t frame;
    int64_t given_up = 0;
    assert_int_equal(link_server_send(s.w->server, last.route, text("answer")), KITH_OK);
    while (!agent_links_receive(s.links, &broker, &frame))
        side_wait(&s, &given_up);
    assert_int_equal(broker, 0);
    assert_memory_equal(frame.data, "answer", 6);
    side_end(&s);
}

static void a_broken_connection_is_dialled_again_after_a_pause(void **state)
{
    side_t s;
    side_begin(&s, *state);
    side_up(&s, 1);
    assert_int_equal(agent_links_wait_ms(s.links, s.mono_ms), INT64_MAX);
    link_server_destroy(&s.w->server);
    assert_int_equal(side_news(&s).type, AGENT_LINK_DOWN);
    int64_t pause = agent_links_wait_ms(s.links, s.mono_ms);
    assert_in_range(pause, AGENT_LINKS_PAUSE_MS / 2, AGENT_LINKS_PAUSE_MS);
    agent_link_news_t news;
    agent_links_dial(s.links, s.mono_ms + pause - 1);
    assert_false(agent_links_news(s.links, s.mono_ms, &news));
    for (int i = 0; i < 8; i++) /* nobody is there: pauses double to their most */
        side_fail(&s);
    pause = agent_links_wait_ms(s.links, s.mono_ms);
    assert_in_range(pause, AGENT_LINKS_PAUSE_MAX_MS / 2, AGENT_LINKS_PAUSE_MAX_MS);
    open_server(s.w, s.w->endpoint);
    s.mono_ms += pause;
    side_up(&s, 2);
    s.mono_ms += AGENT_LINKS_STEADY_MS; /* it stood: pauses begin anew */
    agent_links_drop_all(s.links);
    assert_int_equal(agent_links_wait_ms(s.links, s.mono_ms), 0);
    assert_int_equal(side_news(&s).type, AGENT_LINK_DOWN);
    assert_in_range(agent_links_wait_ms(s.links, s.mono_ms), 0, AGENT_LINKS_PAUSE_MS);
    side_end(&s);
}

static void a_denied_key_is_told_once(void **state)
{
    side_t s;
    side_begin(&s, *state);
    s.w->door.verdict[0] = ZAP_DENY;
    assert_null(agent_links_say(s.links)[0]);
    assert_int_equal(side_news(&s).type, AGENT_LINK_DENIED);
    assert_non_null(strstr(agent_links_say(s.links)[0], "key"));
    side_fail(&s);
    side_fail(&s);
    s.w->door.verdict[0] = ZAP_ADMIT;
    s.mono_ms += AGENT_LINKS_DENIED_MAX_MS;
    side_up(&s, 1);
    assert_null(agent_links_say(s.links)[0]);
    side_end(&s);
}

static void a_redial_that_was_asked_for_is_no_news(void **state)
{
    side_t s;
    side_begin(&s, *state);
    side_up(&s, 1);
    agent_link_news_t news;
    agent_links_redial(s.links, 0, s.mono_ms);
    assert_false(agent_links_news(s.links, s.mono_ms, &news));
    send_bye(&s, 10); /* not up: lost */
    agent_links_flush(s.links);
    s.mono_ms += AGENT_LINKS_PAUSE_MAX_MS;
    side_up(&s, 2);
    side_end(&s);
}

static void a_partnership_file_without_the_broker_ends_its_connection(void **state)
{
    side_t s;
    side_begin(&s, *state);
    side_up(&s, 1);
    agent_links_agreement(s.links, &s.agreement, s.mono_ms); /* unchanged: it stands */
    agent_link_news_t news;
    assert_false(agent_links_news(s.links, s.mono_ms, &news));

    s.agreement.brokers_count = 0;
    agent_links_agreement(s.links, &s.agreement, s.mono_ms);
    assert_int_equal(side_news(&s).type, AGENT_LINK_DOWN);
    assert_int_equal(agent_links_wait_ms(s.links, s.mono_ms), INT64_MAX);
    assert_non_null(strstr(agent_links_say(s.links)[0], "partnership"));

    s.agreement.brokers_count = 1;
    agent_links_agreement(s.links, &s.agreement, s.mono_ms);
    side_up(&s, 2);
    s.hub.endpoint = "nowhere://x"; /* cannot be dialled at all */
    agent_links_agreement(s.links, &s.agreement, s.mono_ms);
    assert_int_equal(side_news(&s).type, AGENT_LINK_DOWN);
    agent_links_dial(s.links, s.mono_ms);
    assert_in_range(agent_links_wait_ms(s.links, s.mono_ms), 1, AGENT_LINKS_PAUSE_MAX_MS);
    side_end(&s);
}

int main(void)
{
    if (keys_begin() != KITH_OK)
        return 1;
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(packets_travel_many_to_a_frame),
        CASE(a_broken_connection_is_dialled_again_after_a_pause),
        CASE(a_denied_key_is_told_once),
        CASE(a_redial_that_was_asked_for_is_no_news),
        CASE(a_partnership_file_without_the_broker_ends_its_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
