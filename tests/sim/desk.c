/* The agents' own work and local api within the world. */
#include "agents/api/api.h"
#include "base/bug.h"
#include "io/keys.h"
#include "tests/lib/toy_hash.h"
#include "tests/sim/crypto.h"
#include "tests/sim/ledger.h"
#include "tests/sim/people.h"

#include <stdlib.h>
#include <string.h>

#define DUTY_UID 1000u

static const work_rounds_t ROUNDS = {
    .wait_ms = 500, .interval_ms = 4000, .repeat_ms = 20000, .digest_ms = 16 * 3600000};

typedef struct seat {
    agent_conf_t conf;
    work_t work;
    api_t api;
    kith_bytes_t request; /* to be asked in the next turn */
    kith_bytes_t reply;   /* of the turn that just ran, in its arena */
} seat_t;

struct desk {
    world_t *w;
    crypto_t *crypto; /* NULL: the stand-in */
    agent_user_t users[1];
    seat_t seats[WORLD_AGENTS_MAX];
};

/* ---- the doors ---- */

static seat_t *seat_of(world_t *w, size_t agent)
{
    desk_t *self = w->kit_ctx;
    seat_t *seat = &self->seats[agent];
    seat->work.agreement = seat->api.agreement = w->agents[agent].agreement;
    seat->api.core = w->agents[agent].core;
    seat->api.epoch = w->agents[agent].epoch;
    return seat;
}

static kith_err apply(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_received_t *received, Kith__Reason *ret_reason)
{
    return work_apply(&seat_of(w, agent)->work, txn, arena, received, ret_reason);
}

static kith_err outcome(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_outcome_t *said)
{
    return work_outcome(&seat_of(w, agent)->work, txn, arena, said);
}

static kith_err local(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_event_t *now, agent_effects_t *effects, int64_t *ret_due_ms)
{
    static const char *const say[WORLD_BROKERS_MAX] = {NULL};
    seat_t *seat = seat_of(w, agent);
    kith_err err = KITH_OK;
    const api_turn_t turn = {.txn = txn,
                             .arena = arena,
                             .now_ms = now->now_ms,
                             .mono_ms = now->mono_ms,
                             .clocks_apart = now->clocks_apart,
                             .disk_free_bytes = 1u << 30,
                             .links_say = say,
                             .effects = effects};
    if (seat->request.size) {
        api_answer_t answer = {0};
        err = api_ask(&seat->api, &turn, DUTY_UID, seat->request, &answer);
        if (answer.view_changed)
            *ret_due_ms = 0;
        seat->reply = KITH_BUG(1) ? kith_arena_copy(w->arena, answer.reply) : answer.reply;
        if (answer.view_changed)
            *ret_due_ms = 0;
    }
    if (err == KITH_OK && !now->clocks_apart && now->now_ms >= *ret_due_ms)
        err = work_tick(&seat->work, txn, arena, now->now_ms, ret_due_ms);
    return err;
}

/* ---- asking ---- */

/* The agency it names is told of it as the world's people are. */
static void stored(desk_t *self, ProtobufCBinaryData id, size_t count, char **recipients,
                   desk_answer_t *answer)
{
    KITH_ASSERT(id.len == sizeof answer->id);
    answer->stored = true;
    answer->recipients_count = count;
    answer->recipients = (const char *const *)(uintptr_t)recipients;
    memcpy(answer->id, id.data, id.len);
    world_answered(self->w, id.data, (const char *const *)(uintptr_t)recipients, count);
}

void desk_ask(desk_t *self, size_t agent, kith_bytes_t request, desk_answer_t *ret_answer)
{
    seat_t *seat = seat_of(self->w, agent);
    *ret_answer = (desk_answer_t){0};
    seat->request = request;
    seat->reply = (kith_bytes_t){0};
    kith_err err = world_agent_turn(self->w, agent);
    seat->request = (kith_bytes_t){0};
    if (err != KITH_OK && KITH_BUG(6)) { /* for unknown it says: nothing was stored */
        ret_answer->answered = true;
        ret_answer->rule = "disk-full";
        return;
    }
    if ((err != KITH_OK && !KITH_BUG(1)) || seat->reply.size == 0)
        return;
    const Kith__Api__Response *response = (const Kith__Api__Response *)protobuf_c_message_unpack(
        &kith__api__response__descriptor, kith_arena_allocator(self->w->arena), seat->reply.size,
        seat->reply.data);
    if (!response) {
        world_fail(self->w, "%s gave a reply that cannot be read", self->w->agents[agent].id);
        return;
    }
    ret_answer->answered = true;
    ret_answer->response = response;
    if (response->status != KITH__API__STATUS__STATUS_OK)
        ret_answer->rule = response->rule;
    else if (response->answer_case == KITH__API__RESPONSE__ANSWER_SUBMIT) {
        ret_answer->repeat = response->submit->repeat;
        stored(self, response->submit->id, response->submit->n_recipients,
               response->submit->recipients, ret_answer);
    } else if (response->answer_case == KITH__API__RESPONSE__ANSWER_SUBSCRIBE) {
        stored(self, response->subscribe->id, 0, NULL, ret_answer);
    }
}

/* ---- the agreement ---- */

#define TOPIC(topic_name, class, body, urgency)                                                    \
    {                                                                                              \
        .name = (topic_name), .topic_class = (class), .type = KITH__NOTICE__BODY_##body,           \
        .lane = KITH__LANE__LANE_##urgency                                                         \
    }
static const kith_topic_t TOPICS[] = {
    TOPIC("police.call-out", "event", EVENT, NORMAL),
    {.name = "police.arrest",
     .topic_class = "event",
     .type = KITH__NOTICE__BODY_EVENT,
     .lane = KITH__LANE__LANE_NORMAL,
     .expires_ms = 3000},
    TOPIC("safeguarding.concern", "safeguarding", EVENT, URGENT),
    TOPIC("referral", "referral", REFERRAL, NORMAL),
    TOPIC("referral-answer", "referral", REFERRAL_ANSWER, NORMAL),
    {.name = "alert",
     .topic_class = "alert",
     .type = KITH__NOTICE__BODY_ALERT,
     .lane = KITH__LANE__LANE_URGENT,
     .expires_ms = INT64_C(7) * 24 * 3600 * 1000},
    TOPIC("reply", "alert", REPLY, URGENT),
    TOPIC("alert-change", "alert", ALERT_CHANGE, URGENT),
    TOPIC("disagreement", "referral", DISAGREEMENT, NORMAL),
    TOPIC("household", "household", HOUSEHOLD_CHANGE, NORMAL),
    TOPIC("seen", "household", SEEN, NORMAL),
    TOPIC("directory", "directory", DIRECTORY, NORMAL),
    TOPIC("assessment", "household", ASSESSMENT, NORMAL),
    TOPIC("plan", "household", PLAN, NORMAL),
    TOPIC("small-help", "household", SMALL_HELP, NORMAL),
};

/* Low, so that plays reach them. */
static const kith_rule_t RULES[] = {
    {.name = "three-from-two",
     .proposes = KITH_PROPOSES_EARLY_HELP,
     .notices = 3,
     .agencies = 2,
     .days = 30,
     .unless_lead = true},
    {.name = "many-minutes",
     .proposes = KITH_PROPOSES_LEAD,
     .minutes = 500,
     .agencies = 1,
     .days = 30,
     .unless_lead = true},
};

static const char *const EVERYONE[] = {"*"};
static const char *const CLASSES[] = {"safeguarding", "referral", "alert", "household",
                                      "directory"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const LEVELS[] = {"concern", "child-protection"};
static const kith_ladder_step_t STEPS[] = {{"duty", 1000, false}, {"manager", 2000, false}};
static const kith_stage_t STAGES[] = {{"team-manager", "2s", {NULL, KITH_CLOCK_RUNS, 2000}},
                                      {"director", "1s", {NULL, KITH_CLOCK_RUNS, 1000}}};

/* Short enough that silence climbs within a run. */
static void fill_clocks(kith_agreement_t *a)
{
    a->alert_levels = (const char **)(uintptr_t)LEVELS;
    a->alert_levels_count = COUNT(LEVELS);
    a->ladder = (kith_ladder_t){.count = COUNT(STEPS),
                                .steps = (kith_ladder_step_t *)(uintptr_t)STEPS,
                                .remind_ms = 2000,
                                .confirm_ms = 4000};
    a->stages = (kith_stage_t *)(uintptr_t)STAGES;
    a->stages_count = COUNT(STAGES);
}

static void fill_agreement(world_t *w)
{
    kith_agreement_t *a = world_next_agreement(w);
    kith_may_subscribe_t *may =
        kith_arena_need(w->arena, a->agencies_count * sizeof *a->may_subscribe);
    for (size_t i = 0; i < a->agencies_count; i++)
        may[i] = (kith_may_subscribe_t){.agency = a->agencies[i].id,
                                        .topics = (const char **)(uintptr_t)EVERYONE,
                                        .topics_count = 1,
                                        .owes = i == 0};
    a->may_subscribe = may;
    a->may_subscribe_count = a->agencies_count;
    a->topics = (kith_topic_t *)(uintptr_t)TOPICS;
    a->topics_count = COUNT(TOPICS);
    a->pots = kith_arena_need(w->arena, sizeof *a->pots);
    a->pots[0] = (kith_pot_t){"joined-up", "The joined-up pot", a->agencies[0].id, 2000, 0};
    a->pots_count = 1;
    fill_clocks(a);
    a->clauses[1].classes = (const char **)(uintptr_t)CLASSES;
    a->clauses[1].classes_count = COUNT(CLASSES);
    a->rules = (kith_rule_t *)(uintptr_t)RULES;
    a->rules_count = COUNT(RULES);
    a->need_days = a->twice_days = 14;
    for (size_t i = 0; i < w->agents_count; i++)
        w->agents[i].agreement = a;
    for (size_t i = 0; i < w->brokers_count; i++)
        w->brokers[i].agreement = a;
}

/* ---- making ---- */

desk_t *desk_new(world_t *w, bool real)
{
    static const world_kit_t KIT = {.apply = apply, .outcome = outcome, .local = local};
    static const world_kit_t KIT_REAL = {.hash = keys_hash,
                                         .apply = apply,
                                         .outcome = outcome,
                                         .local = local,
                                         .event = crypto_event,
                                         .seal = crypto_seal,
                                         .receipt = crypto_receipt,
                                         .verify = crypto_verify,
                                         .refusal = crypto_refusal};
    desk_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->w = w;
    self->users[0] = (agent_user_t){.uid = DUTY_UID, .name = "duty", .role = "duty officer"};
    fill_agreement(w);
    if (real)
        self->crypto = crypto_new(w);
    for (size_t i = 0; i < w->agents_count; i++) {
        seat_t *seat = &self->seats[i];
        w->agents[i].key = kith_keyring_current(&w->agreement->agencies[i].transport)->name;
        seat->conf = (agent_conf_t){.agency = w->agents[i].id,
                                    .brokers_count = w->brokers_count,
                                    .brokers = w->agents[i].brokers,
                                    .users_count = 1,
                                    .users = self->users};
        seat->work = (work_t){
            .agency = w->agents[i].id, .hash = real ? keys_hash : toy_hash, .rounds = &ROUNDS};
        seat->api = (api_t){.conf = &seat->conf, .work = &seat->work};
    }
    w->kit = real ? &KIT_REAL : &KIT;
    w->kit_ctx = self;
    return self;
}

crypto_t *crypto_of(world_t *w)
{
    const desk_t *self = w->kit_ctx;
    return self->crypto;
}

void desk_check(desk_t *self)
{
    for (size_t i = 0; i < self->w->agents_count; i++)
        ledger_check(self->w, i, &seat_of(self->w, i)->work);
}

void desk_destroy(desk_t **self_p)
{
    crypto_destroy(&(*self_p)->crypto);
    free(*self_p);
    *self_p = NULL;
}
