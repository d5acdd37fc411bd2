/* See agent_api_world.h. */
#include "tests/unit/agent_api_world.h"

#include "agents/core/records.h"

#define START_MS INT64_C(1767225600000) /* 2026-01-01 */

/* ---- a turn ---- */

api_turn_t side_turn(side_t *s, agent_effects_t *effects)
{
    static const char *const say[] = {NULL};
    kith_arena_reset(s->arena);
    *effects = (agent_effects_t){0};
    return (api_turn_t){.txn = memtxn_begin(s->tables),
                        .arena = s->arena,
                        .now_ms = s->now_ms + s->clock_ahead_ms,
                        .mono_ms = s->mono_ms,
                        .clock_ahead_ms = s->clock_ahead_ms,
                        .read_only = s->read_only,
                        .disk_free_bytes = 1u << 30,
                        .links_say = say,
                        .effects = effects};
}

static void step(side_t *s, const api_turn_t *turn, agent_event_t *event)
{
    event->now_ms = turn->now_ms;
    event->mono_ms = turn->mono_ms;
    assert_int_equal(agent_core_step(s->core, turn->txn, turn->arena, event, turn->effects),
                     KITH_OK);
}

void side_commit(side_t *s, const api_turn_t *turn)
{
    agent_event_t end = {.type = AGENT_EV_TURN_END}, stored = {.type = AGENT_EV_STORED};
    agent_effects_t released = {0};
    step(s, turn, &end);
    assert_int_equal(turn->effects->count, 0); /* no broker: nothing is sealed */
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
    assert_int_equal(agent_core_step(s->core, NULL, turn->arena, &stored, &released), KITH_OK);
    s->now_ms += 1000;
    s->mono_ms += 1000;
}

static void packet(side_t *s, const api_turn_t *turn, Kith__Packet *from_hub)
{
    agent_event_t event = {.type = AGENT_EV_PACKET, .packet = {.packet = from_hub}};
    step(s, turn, &event);
}

void side_welcome(side_t *s, const char *const *connected)
{
    static uint8_t store_epoch[16] = {1};
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    agent_event_t up = {.type = AGENT_EV_LINK_UP, .link = {.dial = 1}};
    step(s, &turn, &up);
    Kith__Packet from_hub = KITH__PACKET__INIT;
    Kith__Welcome welcome = KITH__WELCOME__INIT;
    welcome.broker = kith_arena_str(s->arena, "hub-a");
    welcome.store_epoch = (ProtobufCBinaryData){sizeof store_epoch, store_epoch};
    welcome.partnership_version = 1;
    welcome.liveness_ms = 30000;
    welcome.dial = 1;
    from_hub.verb_case = KITH__PACKET__VERB_WELCOME;
    from_hub.welcome = &welcome;
    packet(s, &turn, &from_hub);
    for (; *connected; connected++) {
        Kith__Presence presence = KITH__PRESENCE__INIT;
        presence.agency = kith_arena_str(s->arena, *connected);
        presence.connected = true;
        from_hub.verb_case = KITH__PACKET__VERB_PRESENCE;
        from_hub.presence = &presence;
        packet(s, &turn, &from_hub);
    }
    side_commit(s, &turn);
}

/* ---- making and ending ---- */

static void start_core(side_t *s)
{
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    Kith__Store__AgentMeta meta = KITH__STORE__AGENT_META__INIT;
    meta.agency = kith_arena_str(s->arena, "police");
    meta.partnership = kith_arena_str(s->arena, "exampletown");
    meta.epoch = 1;
    meta.boot = 1;
    assert_int_equal(record_meta_put(turn.txn, s->arena, &meta), KITH_OK);
    agent_event_t start = {.type = AGENT_EV_START};
    agent_event_t agreement = {.type = AGENT_EV_AGREEMENT,
                               .agreement = {.agreement = &s->agreement}};
    step(s, &turn, &start);
    step(s, &turn, &agreement);
    side_commit(s, &turn);
}

int side_begin(void **state)
{
    void *world = NULL;
    if (agent_world_begin(&world))
        return -1;
    side_t *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->w = world;
    s->agreement = *s->w->agreement;
    s->tables = memtxn_new(AGENT_TABLES_COUNT);
    s->arena = kith_arena_new(64u << 20);
    s->now_ms = START_MS;
    s->mono_ms = 5000;
    s->work = (work_t){.agency = "police", .agreement = &s->agreement, .hash = keys_hash};
    const agent_settings_t settings = {.agency = "police",
                                       .brokers_count = s->w->conf.brokers_count,
                                       .brokers = s->w->conf.brokers};
    const agent_doors_t doors = {
        .hash = keys_hash, .work = &s->work, .apply = work_apply, .outcome = work_outcome};
    s->core = agent_core_new(&settings, &doors);
    s->api = (api_t){.conf = &s->w->conf,
                     .agreement = &s->agreement,
                     .work = &s->work,
                     .core = s->core,
                     .epoch = 1,
                     .boot = 1};
    start_core(s);
    *state = s;
    return 0;
}

int side_end(void **state)
{
    side_t *s = *state;
    void *world = s->w;
    agent_core_destroy(&s->core);
    memtxn_destroy(&s->tables);
    kith_arena_destroy(&s->arena);
    free(s);
    return agent_world_end(&world);
}

/* ---- asking ---- */

Kith__Api__Response *side_decode(side_t *s, const api_answer_t *answer)
{
    assert_int_not_equal(answer->reply.size, 0);
    Kith__Api__Response *response = (Kith__Api__Response *)protobuf_c_message_unpack(
        &kith__api__response__descriptor, kith_arena_allocator(s->w->arena), answer->reply.size,
        answer->reply.data);
    assert_non_null(response);
    assert_int_equal(response->id, answer->request_id);
    /* an error has words and no answer, an answer has no error */
    assert_true((response->status == KITH__API__STATUS__STATUS_OK) == (*response->what == '\0'));
    assert_true((response->status == KITH__API__STATUS__STATUS_OK) ==
                (response->answer_case != KITH__API__RESPONSE__ANSWER__NOT_SET));
    return response;
}

Kith__Api__Response *side_ask_as(side_t *s, uint32_t uid, const Kith__Api__Request *request,
                                 api_answer_t *ret_answer)
{
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    kith_bytes_t frame = KITH_PACK(s->w->arena, request);
    assert_int_equal(api_ask(&s->api, &turn, uid, frame, ret_answer), KITH_OK);
    Kith__Api__Response *response = ret_answer->held ? NULL : side_decode(s, ret_answer);
    side_commit(s, &turn);
    if (ret_answer->clock_moved)
        s->clock_ahead_ms = ret_answer->clock_ahead_ms;
    return response;
}

Kith__Api__Response *side_ask(side_t *s, const Kith__Api__Request *request)
{
    api_answer_t answer = {0};
    Kith__Api__Response *response = side_ask_as(s, DUTY_UID, request, &answer);
    assert_non_null(response);
    return response;
}

Kith__Api__Request *side_event(side_t *s, const char *topic, const char *token,
                               const char *narrative)
{
    kith_arena_t *arena = s->w->arena;
    Kith__Api__Request *request = kith_arena_need(arena, sizeof *request);
    Kith__Api__SubmitRequest *submit = kith_arena_need(arena, sizeof *submit);
    Kith__Api__Draft *draft = kith_arena_need(arena, sizeof *draft);
    Kith__Event *event = kith_arena_need(arena, sizeof *event);
    char **to = kith_arena_need(arena, sizeof *to);
    kith__api__request__init(request);
    kith__api__submit_request__init(submit);
    kith__api__draft__init(draft);
    kith__event__init(event);
    to[0] = kith_arena_str(arena, "housing");
    event->kind = kith_arena_str(arena, "call-out");
    event->narrative = kith_arena_str(arena, narrative);
    event->occurred_ms = START_MS;
    draft->topic = kith_arena_str(arena, topic);
    draft->n_to = 1;
    draft->to = to;
    draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    draft->event = event;
    submit->draft = draft;
    submit->token.data = (uint8_t *)kith_arena_str(arena, token);
    submit->token.len = strlen(token);
    request->id = 7;
    request->ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request->submit = submit;
    return request;
}

kith_bytes_t side_submit(side_t *s, const char *topic, const char *narrative)
{
    Kith__Api__Response *response = side_ask(s, side_event(s, topic, "", narrative));
    if (response->status != KITH__API__STATUS__STATUS_OK)
        fail_msg("submit: %s %s", response->rule, response->what);
    assert_int_equal(response->submit->id.len, KITH_ID_BYTES);
    return (kith_bytes_t){response->submit->id.data, response->submit->id.len};
}

uint64_t side_rows(side_t *s, int table)
{
    uint64_t rows = 0;
    kith_txn_t *txn = memtxn_begin(s->tables);
    assert_int_equal(kith_count(txn, table, &rows), KITH_OK);
    memtxn_abort(s->tables);
    return rows;
}
