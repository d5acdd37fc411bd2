#include "mail/act.h"

#include "mail/intake.h"
#include "mail/outbox.h"
#include "mail/post.h"

#include <string.h>

#define TRY(call)                                                                                  \
    do {                                                                                           \
        kith_err try_err = (call);                                                                 \
        if (try_err != KITH_OK)                                                                    \
            return try_err;                                                                        \
    } while (0)

#define TOKEN_WORD "mail:"

static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static ProtobufCBinaryData binary_of(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
}

/* The agent's answer in our words: KITH_OK, KITH_AGAIN, or a refusal, with its rule. */
static kith_err status_of(const Kith__Api__Response *response)
{
    if (response->status == KITH__API__STATUS__STATUS_OK)
        return KITH_OK;
    return response->status == KITH__API__STATUS__STATUS_FULL ? KITH_AGAIN : KITH_INVALID;
}

/* ---- what it becomes ---- */

/* A draft, and what it points to. */
typedef struct draft {
    Kith__Api__Draft draft;
    Kith__Reply reply;
    Kith__Alert alert;
} draft_t;

static void make_reply(const act_t *self, const verdict_t *verdict, const intake_t *in, draft_t *d)
{
    kith__reply__init(&d->reply);
    d->reply.alert =
        binary_of(kith_arena_copy(self->arena, (kith_bytes_t){in->about, sizeof in->about}));
    d->reply.answer = in->answer;
    d->reply.reason = text_of(in->reason);
    d->reply.text = text_of(verdict->text);
    d->draft.body_case = KITH__API__DRAFT__BODY_REPLY;
    d->draft.reply = &d->reply;
}

static void make_alert(const act_t *self, const verdict_t *verdict, const intake_t *in,
                       kith_bytes_t household, int64_t now_ms, draft_t *d)
{
    kith__alert__init(&d->alert);
    d->alert.subject = text_of(in->subject);
    d->alert.text = text_of(verdict->text);
    d->alert.reply_by_ms = now_ms + self->conf->reply_by_ms;
    d->draft.household = binary_of(household);
    d->draft.body_case = KITH__API__DRAFT__BODY_ALERT;
    d->draft.alert = &d->alert;
}

/* Empty: the subject names none, or none that is known here, or several. */
static kith_err find_household(const act_t *self, const intake_t *in, kith_bytes_t *ret_id)
{
    Kith__Api__HouseholdRequest ask = KITH__API__HOUSEHOLD_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    *ret_id = (kith_bytes_t){0};
    if (*in->household == '\0')
        return KITH_OK;
    ask.short_id = text_of(in->household);
    request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
    request.household = &ask;
    TRY(mail_agent_call(self->agent, self->arena, NULL, &request, &response));
    if (response->answer_case == KITH__API__RESPONSE__ANSWER_HOUSEHOLD &&
        response->household->n_households == 1) {
        ProtobufCBinaryData id = response->household->households[0]->id;
        *ret_id = (kith_bytes_t){id.data, id.len};
    }
    return KITH_OK;
}

/* The clock is the agent's: an exercise's may be ahead of ours. */
static kith_err agent_now(const act_t *self, int64_t *ret_now_ms)
{
    Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    request.ask_case = KITH__API__REQUEST__ASK_STATUS;
    request.status = &ask;
    TRY(mail_agent_call(self->agent, self->arena, NULL, &request, &response));
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_AGENT)
        return KITH_AGAIN;
    *ret_now_ms = response->agent->now_ms;
    return KITH_OK;
}

/* ---- what is done ---- */

/* KITH_INVALID: the agent refuses it, by *ret_rule. */
static kith_err submit(const act_t *self, const intake_t *in, const kith_id_t *id, draft_t *d,
                       const char **ret_rule)
{
    char hex[2 * KITH_ID_BYTES + 1];
    kith_hex(kith_id_bytes(id), hex);
    Kith__Api__SubmitRequest submit = KITH__API__SUBMIT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    submit.token = binary_of(kith_bytes_str(kith_arena_printf(self->arena, TOKEN_WORD "%s", hex)));
    submit.draft = &d->draft;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &submit;
    TRY(mail_agent_call(self->agent, self->arena, in->person->name, &request, &response));
    *ret_rule = response->rule;
    /* It acted when it came first: all but the time to reply by is the mail's own. */
    bool acted = strcmp(response->rule, "token") == 0;
    return acted ? KITH_OK : status_of(response);
}

static bool is_known(const verdict_t *verdict, const intake_t *in)
{
    return in != NULL && in->person != NULL && strcmp(verdict->dmarc, "pass") == 0 &&
           (verdict->kind == LETTER_NEW || verdict->kind == LETTER_REPLY);
}

/* KITH_INVALID: the agent does not take it as it is. What it does not let kith-mail do at all is
 * tried again: a person mends its configuration. */
static kith_err bring(const act_t *self, Kith__Api__Mail *mail)
{
    Kith__Api__MailInRequest ask = KITH__API__MAIL_IN_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    ask.mail = mail;
    request.ask_case = KITH__API__REQUEST__ASK_MAIL_IN;
    request.mail_in = &ask;
    TRY(mail_agent_call(self->agent, self->arena, NULL, &request, &response));
    kith_err err = status_of(response);
    return err == KITH_INVALID && response->status != KITH__API__STATUS__STATUS_INVALID ? KITH_AGAIN
                                                                                        : err;
}

/* in: NULL when nothing was read of it. A mail whose words the agent does not take is left without
 * them: it lies whole in the maildir. */
static kith_err leave(const act_t *self, const verdict_t *verdict, const intake_t *in,
                      const kith_id_t *id, const char *why, draft_t *d)
{
    Kith__Api__Mail mail = KITH__API__MAIL__INIT, bare = KITH__API__MAIL__INIT;
    mail.id = bare.id = binary_of(kith_id_bytes(id));
    mail.kind = bare.kind = text_of(letter_kind_word(verdict->kind));
    mail.received_ms = bare.received_ms = self->now_ms;
    bare.why = text_of("not-taken");
    mail.why = text_of(why);
    mail.from = text_of(verdict->from);
    mail.subject = text_of(verdict->subject);
    mail.text = text_of(verdict->text);
    mail.known = is_known(verdict, in);
    if (d->draft.body_case != KITH__API__DRAFT__BODY__NOT_SET)
        mail.draft = &d->draft;
    kith_err err = bring(self, &mail);
    if (err == KITH_INVALID || err == KITH_LIMIT)
        err = bring(self, &bare);
    return err == KITH_INVALID ? KITH_AGAIN : err;
}

/* Whose alert is a draft is told where it waits. */
static kith_err tell_writer(const act_t *self, const intake_t *in, const kith_id_t *id)
{
    post_t post = {
        .conf = self->conf, .key = self->key, .arena = self->arena, .now_ms = self->now_ms};
    TRY(store_begin(self->store, &post.txn));
    kith_err err = post_draft(&post, in->person, kith_id_bytes(id));
    if (err == KITH_OK)
        return store_commit(self->store);
    store_abort(self->store);
    return err;
}

static kith_err came_back(const act_t *self, const intake_t *in)
{
    kith_txn_t *txn = NULL;
    TRY(store_begin(self->store, &txn));
    kith_err err = outbox_came_back(txn, self->arena, in->sent, in->why);
    if (err == KITH_OK)
        return store_commit(self->store);
    store_abort(self->store);
    return err;
}

/* ---- the mail ---- */

/* The draft that goes with it, whoever sends it in the end. */
static kith_err prepare(const act_t *self, const verdict_t *verdict, intake_t *in, draft_t *d)
{
    kith_bytes_t household = {0};
    int64_t now_ms = 0;
    kith__api__draft__init(&d->draft);
    if (in->is_answer)
        make_reply(self, verdict, in, d);
    if (!in->may_be_alert)
        return KITH_OK;
    TRY(find_household(self, in, &household));
    TRY(agent_now(self, &now_ms));
    make_alert(self, verdict, in, household, now_ms, d);
    if (in->act == INTAKE_ALERT && household.size == 0) {
        in->act = INTAKE_WAIT;
        in->why = "household-unknown";
    }
    return KITH_OK;
}

static kith_err act(const act_t *self, const verdict_t *verdict, intake_t *in, const kith_id_t *id,
                    draft_t *d, const char **ret_what)
{
    kith_err err = KITH_INVALID;
    if (in->act == INTAKE_ANSWER || in->act == INTAKE_ALERT)
        err = submit(self, in, id, d, &in->why);
    else if (in->act == INTAKE_UNDELIVERED)
        err = came_back(self, in);
    *ret_what = in->act == INTAKE_ANSWER ? "answer" : in->act == INTAKE_ALERT ? "alert" : in->why;
    if (err != KITH_INVALID && err != KITH_NOT_FOUND)
        return err;
    *ret_what = in->why;
    TRY(leave(self, verdict, in, id, in->why, d));
    bool writer =
        in->may_be_alert && is_known(verdict, in) && in->person->alerts != MAIL_ALERTS_NEVER;
    return writer ? tell_writer(self, in, id) : KITH_OK;
}

kith_err act_on_mail(const act_t *self, kith_bytes_t mail, const char **ret_what)
{
    verdict_t verdict;
    intake_t in;
    draft_t draft = {0};
    const char *json = NULL;
    TRY(verdict_of(self->arena, mail, self->conf->server, self->conf->address, &verdict, &json));
    intake_decide(self->conf, self->key, &verdict, self->now_ms, self->arena, &in);
    kith_id_t id = intake_id(&verdict, mail);
    TRY(prepare(self, &verdict, &in, &draft));
    return act(self, &verdict, &in, &id, &draft, ret_what);
}

kith_err act_on_huge(const act_t *self, const char *name)
{
    static const verdict_t nothing = {
        .kind = LETTER_DOUBTFUL, .from = "", .subject = "", .message_id = "", .text = ""};
    draft_t none = {0};
    kith__api__draft__init(&none.draft);
    kith_id_t id = intake_id(&nothing, kith_bytes_str(name));
    return leave(self, &nothing, NULL, &id, "too-large", &none);
}
