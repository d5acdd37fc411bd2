/* The door of the local api: decode, who asks, dispatch, pack. */
#include "agents/api/api_private.h"

#include "base/text.h"

/* ---- errors in the response ---- */

kith_err api_refuse(api_call_t *call, Kith__Api__Status status, const char *rule, const char *what)
{
    Kith__Api__Response *r = call->response;
    uint64_t id = r->id;
    kith__api__response__init(r);
    r->id = id;
    r->status = status;
    r->rule = api_text(rule);
    r->what = api_text(what);
    return KITH_OK;
}

bool api_ends_turn(kith_err err)
{
    switch (err) {
    case KITH_OK:
    case KITH_INVALID:
    case KITH_NOT_FOUND:
    case KITH_EXISTS:
    case KITH_DENIED:
    case KITH_LIMIT:
    case KITH_CONFLICT:
        return false;
    case KITH_FULL:
    case KITH_BUSY:
    case KITH_AGAIN:
    case KITH_CONFIG:
    case KITH_CORRUPT:
    case KITH_IO:
        return true;
    }
    return true;
}

static Kith__Api__Status status_of(kith_err err)
{
    if (err == KITH_NOT_FOUND)
        return KITH__API__STATUS__STATUS_NOT_FOUND;
    if (err == KITH_DENIED)
        return KITH__API__STATUS__STATUS_NOT_ALLOWED;
    if (err == KITH_CONFLICT || err == KITH_EXISTS)
        return KITH__API__STATUS__STATUS_CONFLICT;
    return KITH__API__STATUS__STATUS_INVALID;
}

kith_err api_refuse_work(api_call_t *call, kith_err err, const work_refusal_t *refusal)
{
    KITH_ASSERT(err != KITH_OK);
    if (api_ends_turn(err))
        return err;
    return api_refuse(call, status_of(err), refusal->rule ? refusal->rule : "rule",
                      refusal->what ? refusal->what : kith_err_text(err));
}

static kith_bytes_t pack_status(kith_arena_t *arena, uint64_t request_id, const char *rule,
                                const char *what)
{
    Kith__Api__Response response = KITH__API__RESPONSE__INIT;
    response.id = request_id;
    response.status = KITH__API__STATUS__STATUS_FULL;
    response.rule = api_text(rule);
    response.what = api_text(what);
    return KITH_PACK(arena, &response);
}

kith_bytes_t api_full(kith_arena_t *arena, uint64_t request_id)
{
    return pack_status(arena, request_id, "disk-full",
                       "the disk is full: nothing is known to be stored; ask again with the same "
                       "token when there is room");
}

kith_bytes_t api_too_many(kith_arena_t *arena, uint64_t request_id)
{
    return pack_status(arena, request_id, "watches",
                       "no more watches can be held: end one, or ask for the feed");
}

/* ---- who asks ---- */

/* Kept where looks are kept: an attempt by somebody unknown is of interest to the same people. */
static kith_err deny(api_call_t *call, uint32_t uid, const char *rule, const char *what)
{
    const api_turn_t *turn = call->turn;
    call->api->counts[API_COUNT_DENIED]++;
    API_TRY(work_record_look(call->api->work, turn->txn, turn->arena,
                             kith_arena_printf(turn->arena, "uid:%u", uid), (kith_bytes_t){0},
                             (kith_bytes_t){0}, "denied", turn->now_ms));
    return api_refuse(call, KITH__API__STATUS__STATUS_NOT_ALLOWED, rule, what);
}

/* call->user stays NULL when the request is refused. */
static kith_err find_user(api_call_t *call, uint32_t uid)
{
    const agent_conf_t *conf = call->api->conf;
    const char *name = call->request->on_behalf_of;
    if (!*name) {
        call->user = agent_conf_user_by_uid(conf, uid);
        if (call->user)
            return KITH_OK;
        return deny(call, uid, "unknown-user",
                    kith_arena_printf(call->turn->arena,
                                      "uid %u is not in `users` of this agent's configuration: "
                                      "have it added there",
                                      uid));
    }
    if (!agent_conf_gateway(conf, uid))
        return deny(call, uid, "on-behalf-of",
                    "only a uid in `gateways` of this agent's configuration may name another user");
    call->user = agent_conf_user_by_name(conf, name);
    if (call->user)
        return KITH_OK;
    return deny(call, uid, "on-behalf-of",
                "the user named is not in `users` of this agent's configuration");
}

/* ---- dispatch ---- */

static kith_err dispatch(api_call_t *call)
{
    const Kith__Api__Request *r = call->request;
    switch (r->ask_case) {
    case KITH__API__REQUEST__ASK_SUBMIT:
        return api_do_submit(call, r->submit);
    case KITH__API__REQUEST__ASK_SHOW:
        return api_do_show(call, r->show);
    case KITH__API__REQUEST__ASK_FEED:
        return api_do_feed(call, r->feed);
    case KITH__API__REQUEST__ASK_WATCH:
        return api_do_watch(call, r->watch);
    case KITH__API__REQUEST__ASK_INBOX:
        return api_do_inbox(call, r->inbox);
    case KITH__API__REQUEST__ASK_HOUSEHOLD:
        return api_do_household(call, r->household);
    case KITH__API__REQUEST__ASK_LINK:
        return api_do_link(call, r->link);
    case KITH__API__REQUEST__ASK_SUBSCRIBE:
        return api_do_subscribe(call, r->subscribe);
    case KITH__API__REQUEST__ASK_STATUS:
        return api_do_status(call, r->status);
    case KITH__API__REQUEST__ASK_CLOCK:
        return api_do_clock(call, r->clock);
    case KITH__API__REQUEST__ASK_DONE:
        return api_do_done(call, r->done);
    case KITH__API__REQUEST__ASK_LOAD:
        return api_do_load(call, r->load);
    case KITH__API__REQUEST__ASK_FIND:
        return api_do_find(call, r->find);
    case KITH__API__REQUEST__ASK_OFFER:
        return api_do_offer(call, r->offer);
    case KITH__API__REQUEST__ASK_GROUPS:
        return api_do_groups(call, r->groups);
    case KITH__API__REQUEST__ASK_LOOKED:
        return api_do_looked(call, r->looked);
    case KITH__API__REQUEST__ASK_SNOOZE:
        return api_do_snooze(call, r->snooze);
    case KITH__API__REQUEST__ASK_SNOOZES:
        return api_do_snoozes(call, r->snoozes);
    case KITH__API__REQUEST__ASK_TELLINGS:
        return api_do_tellings(call, r->tellings);
    case KITH__API__REQUEST__ASK_PLAN:
        return api_do_plan(call, r->plan);
    case KITH__API__REQUEST__ASK_POT:
        return api_do_pot(call, r->pot);
    case KITH__API__REQUEST__ASK_MAIL_IN:
        return api_do_mail_in(call, r->mail_in);
    case KITH__API__REQUEST__ASK_MAIL:
        return api_do_mail(call, r->mail);
    case KITH__API__REQUEST__ASK_UNDELIVERED:
        return api_do_undelivered(call, r->undelivered);
    case KITH__API__REQUEST__ASK__NOT_SET:
    case _KITH__API__REQUEST__ASK__CASE_IS_INT_SIZE:
        break;
    }
    return api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "request",
                      "the request asks for nothing this agent knows: set one member of `ask`");
}

/* An answer that would not fit one frame gives fewer of its entries, and says so. */
static bool shorten(Kith__Api__Response *r)
{
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_FEED && r->feed->n_entries > 1) {
        r->feed->n_entries /= 2;
        r->feed->cursor = r->feed->entries[r->feed->n_entries - 1]->seq;
        r->feed->more = true;
        return true;
    }
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_INBOX && r->inbox->n_tasks > 1) {
        r->inbox->n_tasks /= 2;
        r->inbox->more = true;
        return true;
    }
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_GROUPS && r->groups->n_groups > 1) {
        r->groups->n_groups /= 2;
        r->groups->more = true;
        return true;
    }
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_FIND && r->find->n_found > 1) {
        r->find->n_found /= 2;
        r->find->more = true;
        return true;
    }
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_TELLINGS && r->tellings->n_tellings > 1) {
        r->tellings->n_tellings /= 2;
        r->tellings->more = true;
        return true;
    }
    if (r->answer_case == KITH__API__RESPONSE__ANSWER_SHOW)
        return api_shorten_show(r->show);
    return false;
}

static void finish(api_call_t *call)
{
    api_answer_t *answer = call->answer;
    if (answer->held)
        return;
    Kith__Api__Response *r = call->response;
    while (kith__api__response__get_packed_size(r) > API_REPLY_BYTES_MAX) {
        if (!shorten(r))
            api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "answer-size",
                       "the answer is larger than a frame: ask for less at once");
    }
    if (r->status != KITH__API__STATUS__STATUS_OK)
        call->api->counts[API_COUNT_REFUSED]++;
    answer->reply = KITH_PACK(call->turn->arena, r);
}

kith_err api_ask(api_t *self, const api_turn_t *turn, uint32_t uid, kith_bytes_t frame,
                 api_answer_t *ret_answer)
{
    Kith__Api__Response response = KITH__API__RESPONSE__INIT;
    api_answer_t answer = {0};
    api_call_t call = {.api = self, .turn = turn, .response = &response, .answer = &answer};
    response.status = KITH__API__STATUS__STATUS_OK;
    self->counts[API_COUNT_REQUESTS]++;

    const char *field = NULL;
    call.request = (const Kith__Api__Request *)kith_message_unpack(
        turn->arena, &kith__api__request__descriptor, frame, &field);
    kith_err err = KITH_OK;
    if (!call.request) {
        api_refuse(&call, KITH__API__STATUS__STATUS_INVALID, "request",
                   kith_arena_printf(turn->arena, "this is no Request of api.proto%s%s",
                                     *field ? ": look at field " : "", field));
    } else {
        response.id = answer.request_id = call.request->id;
        err = find_user(&call, uid);
        if (err == KITH_OK && call.user)
            err = dispatch(&call);
    }
    if (err == KITH_OK)
        finish(&call);
    *ret_answer = answer;
    return err;
}

kith_err api_watch(api_t *self, const api_turn_t *turn, const api_watch_t *watch,
                   api_answer_t *ret_answer)
{
    Kith__Api__Response response = KITH__API__RESPONSE__INIT;
    api_answer_t answer = {.request_id = watch->request_id};
    api_call_t call = {
        .api = self, .turn = turn, .response = &response, .answer = &answer, .user = watch->user};
    response.id = watch->request_id;
    response.status = KITH__API__STATUS__STATUS_OK;
    API_TRY(api_answer_watch(&call, watch));
    finish(&call);
    *ret_answer = answer;
    return KITH_OK;
}
