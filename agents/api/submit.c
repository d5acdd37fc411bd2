/* Submitting: a draft becomes a notice that is owed. The same token gives the same id, for ever. */
#include "agents/api/api_private.h"

#include "base/id.h"
#include "io/keys.h"

/* A draft on its way, with the name its client gave the request. */
typedef struct submission {
    const Kith__Api__Draft *draft;
    kith_bytes_t token;
    kith_digest_t digest; /* of what the client asked */
    bool repeat;
    kith_bytes_t id; /* 16 bytes, in the arena */
    size_t recipients_count;
    char **recipients;
    bool front_door;
} submission_t;

static kith_err refuse_token(api_call_t *call)
{
    return api_refuse(
        call, KITH__API__STATUS__STATUS_CONFLICT, "token",
        "this token was given with other content: take a new token for a new request");
}

/* What was answered when this token came first. NOT_FOUND: it has not come before. */
static kith_err find_token(api_call_t *call, submission_t *s, bool *ret_same)
{
    kith_txn_t *txn = call->turn->txn;
    kith_arena_t *arena = call->turn->arena;
    if (s->token.size == 0)
        return KITH_NOT_FOUND;
    Kith__Store__Token *token = NULL;
    API_TRY(record_get_token(txn, arena, s->token, &token));
    *ret_same =
        kith_bytes_equal(record_bytes(token->request_digest), kith_digest_bytes(&s->digest));
    if (!*ret_same)
        return KITH_OK;
    Kith__Store__StoredNotice *notice = NULL;
    kith_err err = record_get_notice(txn, arena, record_bytes(token->notice_id), &notice);
    if (err == KITH_NOT_FOUND)
        return KITH_CORRUPT; /* both were written in one commit */
    if (err != KITH_OK)
        return err;
    s->repeat = true;
    s->id = record_bytes(token->notice_id);
    s->recipients_count = notice->n_recipients;
    s->recipients = notice->recipients;
    return KITH_OK;
}

static kith_id_t new_id(int64_t now_ms)
{
    uint8_t random[10];
    keys_random(random, sizeof random);
    return kith_id_make(now_ms, random);
}

/* The core's answer to SUBMIT. false: the response says why not. */
static bool taken(api_call_t *call, const agent_submitted_t *submitted)
{
    if (submitted->err == KITH_OK)
        return true;
    if (submitted->err == KITH_CONFLICT)
        refuse_token(call);
    else
        api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "notice",
                   "the notice cannot be applied to this agency's own view: look at its fields");
    return false;
}

static kith_err step_submit(api_call_t *call, const submission_t *s, const kith_id_t *id,
                            const work_prepared_t *prepared, agent_submitted_t *ret_submitted)
{
    const api_turn_t *turn = call->turn;
    agent_event_t event = {
        .type = AGENT_EV_SUBMIT,
        .now_ms = turn->now_ms,
        .mono_ms = turn->mono_ms,
        .clocks_apart = turn->clocks_apart,
        .submit =
            {
                .ret = ret_submitted,
                .id = kith_arena_copy(turn->arena, kith_id_bytes(id)),
                .token = s->token,
                .request_digest = kith_arena_copy(turn->arena, kith_digest_bytes(&s->digest)),
                .notice_bytes = KITH_PACK(turn->arena, prepared->notice),
                .notice = prepared->notice,
                .lane = prepared->lane,
                .topic_class = prepared->topic_class,
                .recipients_count = prepared->recipients_count,
                .recipients = prepared->recipients,
                .clauses = prepared->clauses,
            },
    };
    return agent_core_step(call->api->core, turn->txn, turn->arena, &event, turn->effects);
}

/* Who acknowledges is the one who asks, unless they say who it was. */
static void name_the_seer(const api_call_t *call, const Kith__Api__Draft *draft)
{
    if (draft->body_case != KITH__API__DRAFT__BODY_SEEN || !draft->seen || *draft->seen->person)
        return;
    draft->seen->person = (char *)(uintptr_t)call->user->name;
}

/* Prepares and steps. *ret_done: it is stored (after the commit); else the response says why not.
 */
static kith_err store_draft(api_call_t *call, submission_t *s, bool *ret_done)
{
    const api_turn_t *turn = call->turn;
    const char *author = *s->draft->author ? s->draft->author : call->user->role;
    name_the_seer(call, s->draft);
    kith_id_t id = new_id(turn->now_ms);
    work_prepared_t prepared = {0};
    work_refusal_t refusal = {0};
    kith_err err = work_prepare(call->api->work, turn->txn, turn->arena, s->draft, &id, author,
                                turn->now_ms, &prepared, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    if (kith__notice__get_packed_size(prepared.notice) > KITH_NOTICE_BYTES_MAX)
        return api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "notice-size",
                          "a notice holds at most 255 KiB: say less, and refer to the record in "
                          "your own system");
    if (turn->read_only && prepared.lane != KITH_LANE_URGENT)
        return api_refuse(call, KITH__API__STATUS__STATUS_FULL, "disk-full",
                          "the disk is down to its reserve, which is kept for urgent notices: "
                          "nothing was stored; make room, then ask again with the same token");
    agent_submitted_t submitted = {.err = KITH_OK};
    API_TRY(step_submit(call, s, &id, &prepared, &submitted));
    if (!taken(call, &submitted))
        return KITH_OK;
    s->repeat = submitted.repeat;
    s->id = kith_arena_copy(turn->arena, (kith_bytes_t){submitted.id, sizeof submitted.id});
    s->recipients_count = prepared.recipients_count;
    s->recipients = (char **)(uintptr_t)prepared.recipients;
    s->front_door = prepared.front_door;
    *ret_done = true;
    return KITH_OK;
}

/* A token that came before is answered from what is stored, even if work would now refuse. */
static kith_err known(api_call_t *call, submission_t *s, bool *ret_known, bool *ret_done)
{
    bool same = false;
    kith_err err = find_token(call, s, &same);
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    if (err != KITH_OK)
        return err;
    *ret_known = true;
    *ret_done = same;
    return same ? KITH_OK : refuse_token(call);
}

static bool token_fits(api_call_t *call, ProtobufCBinaryData token)
{
    if (token.len <= KITH_TOKEN_BYTES_MAX)
        return true;
    api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "token", "a token is at most 64 bytes");
    return false;
}

/* What was submitted, as it is stored. */
static kith_err own_notice(api_call_t *call, kith_bytes_t id, const Kith__Notice **ret_notice)
{
    kith_arena_t *arena = call->turn->arena;
    Kith__Store__StoredNotice *row = NULL;
    API_TRY(record_get_notice(call->turn->txn, arena, id, &row));
    const Kith__Notice *notice = (const Kith__Notice *)protobuf_c_message_unpack(
        &kith__notice__descriptor, kith_arena_allocator(arena), row->notice.len, row->notice.data);
    if (!notice)
        return KITH_CORRUPT;
    *ret_notice = notice;
    return KITH_OK;
}

/* An alert may have become an update of the open one with its dedupe key. */
static kith_err say_update(api_call_t *call, const Kith__Api__Draft *draft, kith_bytes_t id,
                           Kith__Api__SubmitResponse *response)
{
    if (draft->body_case != KITH__API__DRAFT__BODY_ALERT)
        return KITH_OK;
    const Kith__Notice *notice = NULL;
    API_TRY(own_notice(call, id, &notice));
    if (notice->body_case == KITH__NOTICE__BODY_ALERT_CHANGE)
        response->updates = notice->alert_change->alert;
    return KITH_OK;
}

/* The mail that a draft was made of, if it was. false: the response says why not, or *ret_err ends
 * the turn. */
static bool has_its_mail(api_call_t *call, const Kith__Api__SubmitRequest *ask, kith_err *ret_err)
{
    kith_bytes_t id = {0};
    return ask->mail.len == 0 ||
           api_find(call, AGENT_TABLE_MAILS, "mail", ask->mail, "", &id, ret_err);
}

/* A mail becomes one notice. false: as above. */
static bool may_become(api_call_t *call, kith_bytes_t mail_id, kith_err *ret_err)
{
    Kith__Api__Mail *mail = NULL;
    if (mail_id.size == 0)
        return true;
    *ret_err = work_mail(call->api->work, call->turn->txn, call->turn->arena, mail_id, &mail);
    if (*ret_err == KITH_OK && mail->became.len > 0)
        api_refuse(call, KITH__API__STATUS__STATUS_CONFLICT, "mail-became",
                   "somebody has sent what this mail became already: look at it with kith mail "
                   "show, and say more with a notice of its own");
    return *ret_err == KITH_OK && mail->became.len == 0;
}

static kith_err mail_became(api_call_t *call, const Kith__Api__SubmitRequest *ask, kith_bytes_t id)
{
    const api_turn_t *turn = call->turn;
    return ask->mail.len == 0
               ? KITH_OK
               : work_mail_became(call->api->work, turn->txn, turn->arena, record_bytes(ask->mail),
                                  id, call->user->name, turn->now_ms);
}

kith_err api_do_submit(api_call_t *call, const Kith__Api__SubmitRequest *ask)
{
    if (!ask->draft)
        return api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "draft", "there is no draft");
    kith_err err = KITH_OK;
    if (!token_fits(call, ask->token) || !has_its_mail(call, ask, &err))
        return err;
    submission_t s = {.draft = ask->draft, .token = record_bytes(ask->token)};
    s.digest = kith_hash1(keys_hash, KITH_TAG_REQUEST, KITH_PACK(call->turn->arena, ask->draft));
    bool came = false, done = false;
    API_TRY(known(call, &s, &came, &done));
    if (!came && may_become(call, record_bytes(ask->mail), &err))
        API_TRY(store_draft(call, &s, &done));
    if (!done)
        return err;
    API_TRY(mail_became(call, ask, s.id));
    Kith__Api__SubmitResponse *response = NULL;
    API_MAKE(call, response, kith__api__submit_response__init);
    response->id = record_binary(s.id);
    response->n_recipients = s.recipients_count;
    response->recipients = s.recipients;
    response->repeat = s.repeat;
    response->front_door = s.front_door;
    API_TRY(say_update(call, ask->draft, s.id, response));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_SUBMIT;
    call->response->submit = response;
    return KITH_OK;
}

/* The topics in a directory notice of ours. */
static kith_err topics_of(api_call_t *call, kith_bytes_t notice_id,
                          Kith__Api__SubscribeResponse *response)
{
    kith_arena_t *arena = call->turn->arena;
    const Kith__Notice *notice = NULL;
    API_TRY(own_notice(call, notice_id, &notice));
    if (notice->body_case != KITH__NOTICE__BODY_DIRECTORY)
        return KITH_CORRUPT;
    const Kith__Directory *d = notice->directory;
    response->topics = kith_arena_need(arena, (d->n_subscriptions + 1) * sizeof(char *));
    for (size_t i = 0; i < d->n_subscriptions; i++)
        response->topics[response->n_topics++] = d->subscriptions[i]->topic;
    return KITH_OK;
}

/* A request that is a draft in other words. Allocates the draft's parts; KITH_OK, or a refusal. */
typedef kith_err make_draft_f(const api_call_t *call, const ProtobufCMessage *ask,
                              Kith__Api__Draft *ret_draft, work_refusal_t *ret_refusal);

static kith_err submit_made(api_call_t *call, const ProtobufCMessage *ask,
                            ProtobufCBinaryData token, make_draft_f *make, submission_t *s,
                            bool *ret_done)
{
    kith_arena_t *arena = call->turn->arena;
    if (!token_fits(call, token))
        return KITH_OK;
    *s = (submission_t){.token = record_bytes(token)};
    s->digest = kith_hash1(keys_hash, KITH_TAG_REQUEST, kith_arena_pack(arena, ask));
    bool came = false;
    API_TRY(known(call, s, &came, ret_done));
    if (came)
        return KITH_OK;
    Kith__Api__Draft *draft = NULL;
    API_MAKE(call, draft, kith__api__draft__init);
    work_refusal_t refusal = {0};
    kith_err err = make(call, ask, draft, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    s->draft = draft;
    return store_draft(call, s, ret_done);
}

static kith_err make_subscription(const api_call_t *call, const ProtobufCMessage *ask,
                                  Kith__Api__Draft *ret_draft, work_refusal_t *ret_refusal)
{
    const api_turn_t *turn = call->turn;
    return work_subscribe(call->api->work, turn->txn, turn->arena,
                          (const Kith__Api__SubscribeRequest *)ask, turn->now_ms, ret_draft,
                          ret_refusal);
}

kith_err api_do_subscribe(api_call_t *call, const Kith__Api__SubscribeRequest *ask)
{
    submission_t s;
    bool done = false;
    API_TRY(submit_made(call, &ask->base, ask->token, make_subscription, &s, &done));
    if (!done)
        return KITH_OK;
    Kith__Api__SubscribeResponse *response = NULL;
    API_MAKE(call, response, kith__api__subscribe_response__init);
    response->id = record_binary(s.id);
    API_TRY(topics_of(call, s.id, response));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_SUBSCRIBE;
    call->response->subscribe = response;
    return KITH_OK;
}

static kith_err make_offer(const api_call_t *call, const ProtobufCMessage *ask,
                           Kith__Api__Draft *ret_draft, work_refusal_t *ret_refusal)
{
    const api_turn_t *turn = call->turn;
    return work_offer(call->api->work, turn->txn, turn->arena, (const Kith__Api__OfferRequest *)ask,
                      turn->now_ms, ret_draft, ret_refusal);
}

kith_err api_do_offer(api_call_t *call, const Kith__Api__OfferRequest *ask)
{
    submission_t s;
    bool done = false;
    API_TRY(submit_made(call, &ask->base, ask->token, make_offer, &s, &done));
    if (!done)
        return KITH_OK;
    Kith__Api__OfferResponse *response = NULL;
    API_MAKE(call, response, kith__api__offer_response__init);
    response->id = record_binary(s.id);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_OFFER;
    call->response->offer = response;
    return KITH_OK;
}
