#include "mail/intake.h"

#include "io/keys.h"
#include "mail/answer.h"

#include <ctype.h>
#include <string.h>

#define SHORT_DIGITS (KITH_ID_SHORT_SIZE - 1)

/* ---- what it is about ---- */

/* Every token that the mail bears. false: there are two of different meaning. */
static bool take_token(const token_t *token, bool *has, token_t *ret_token)
{
    if (*has && (token->use != ret_token->use ||
                 memcmp(token->name, ret_token->name, sizeof token->name) != 0))
        return false;
    *has = true;
    *ret_token = *token;
    return true;
}

/* Is it one of our addresses, with a token? */
static bool is_ours(const mail_conf_t *conf, const char *recipient)
{
    size_t local = strcspn(conf->address, "@");
    const char *at = strchr(recipient, '@');
    return at != NULL && strncasecmp(recipient, conf->address, local) == 0 &&
           recipient[local] == '+' && strcasecmp(at + 1, conf->domain) == 0;
}

/* In the address it was sent to first, then in the ids of the mails it answers. */
static bool find_token(const mail_conf_t *conf, const uint8_t *key, const verdict_t *v,
                       bool *ret_has, token_t *ret_token)
{
    token_t token;
    bool same = true;
    *ret_has = false;
    for (size_t i = 0; i < v->recipients_count && same; i++)
        if (is_ours(conf, v->recipients[i]) && token_find(key, v->recipients[i], '+', &token))
            same = take_token(&token, ret_has, ret_token);
    if (!*ret_has && token_find(key, v->in_reply_to, '<', &token))
        same = take_token(&token, ret_has, ret_token);
    if (!*ret_has && token_find(key, v->references, '<', &token))
        same = take_token(&token, ret_has, ret_token);
    return same;
}

/* A household's id in the subject: twelve hex digits by themselves, or behind the rest of an id. */
static const char *find_household(kith_arena_t *arena, const char *subject, const char **ret_rest)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    for (const char *at = subject; *at != '\0';) {
        size_t size = strspn(at, "0123456789abcdefABCDEF-");
        bool alone =
            (at == subject || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[size]);
        if (alone && size >= SHORT_DIGITS &&
            strspn(at + size - SHORT_DIGITS, hex) >= SHORT_DIGITS &&
            (size == SHORT_DIGITS || size == KITH_ID_TEXT_SIZE - 1)) {
            const char *rest = at + size + strspn(at + size, " :,.-");
            *ret_rest = kith_arena_printf(arena, "%.*s%s", (int)(at - subject), subject, rest);
            return kith_arena_printf(arena, "%.*s", (int)SHORT_DIGITS, at + size - SHORT_DIGITS);
        }
        at += size > 0 ? size : 1;
    }
    return "";
}

/* ---- what it may do ---- */

static intake_t waits(intake_t in, const char *why)
{
    in.act = INTAKE_WAIT;
    in.why = why;
    return in;
}

static uint64_t number_of(const token_t *token)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | token->name[i];
    return number;
}

static intake_t of_program(const verdict_t *v, const token_t *token, bool has, intake_t in)
{
    bool came_back = v->kind == LETTER_BOUNCE || v->kind == LETTER_COMPLAINT;
    if (!came_back || !has || token->use != TOKEN_BOUNCE)
        return waits(in, letter_kind_word(v->kind));
    in.act = INTAKE_UNDELIVERED;
    in.why = v->kind == LETTER_BOUNCE ? "bounced" : "complaint";
    in.sent = number_of(token);
    return in;
}

/* NULL: the sender is who they say, as far as a mail can tell. */
static const char *doubt_of(const verdict_t *v, const intake_t *in)
{
    return in->person == NULL              ? "unknown-sender"
           : strcmp(v->dmarc, "pass") != 0 ? "not-authenticated"
                                           : NULL;
}

static intake_t of_answer(const verdict_t *v, const token_t *token, int64_t now_ms, intake_t in)
{
    const char *doubt = doubt_of(v, &in);
    if (doubt != NULL)
        return waits(in, doubt);
    if (now_ms >= token->ends_ms)
        return waits(in, "token-expired");
    bool silent = in.answer == KITH__ANSWER__ANSWER_UNSPECIFIED ||
                  (in.answer == KITH__ANSWER__ANSWER_CANNOT_SHARE && *in.reason == '\0');
    if (silent)
        return waits(in, "answer-unclear");
    in.act = INTAKE_ANSWER;
    return in;
}

static intake_t of_new(const verdict_t *v, intake_t in)
{
    const char *doubt = doubt_of(v, &in);
    if (doubt != NULL)
        return waits(in, doubt);
    if (in.person->alerts == MAIL_ALERTS_NEVER)
        return waits(in, "may-not-alert");
    if (in.person->alerts == MAIL_ALERTS_DRAFT)
        return waits(in, "to-confirm");
    if (*in.household == '\0')
        return waits(in, "household-unknown");
    in.act = INTAKE_ALERT;
    return in;
}

void intake_decide(const mail_conf_t *conf, const uint8_t key[TOKEN_KEY_BYTES],
                   const verdict_t *verdict, int64_t now_ms, kith_arena_t *arena,
                   intake_t *ret_intake)
{
    token_t token = {.use = TOKEN_BOUNCE};
    bool has = false, one = find_token(conf, key, verdict, &has, &token);
    bool person = verdict->kind == LETTER_NEW || verdict->kind == LETTER_REPLY;
    intake_t in = {.why = "", .household = "", .reason = "", .subject = verdict->subject};
    in.person = mail_conf_person(conf, verdict->from);
    in.is_answer = one && has && token.use == TOKEN_ANSWER;
    in.may_be_alert = one && !has && verdict->kind == LETTER_NEW;
    if (in.is_answer) {
        memcpy(in.about, token.name, sizeof in.about);
        in.answer = answer_of(arena, verdict->text, &in.reason);
    }
    if (in.may_be_alert)
        in.household = find_household(arena, verdict->subject, &in.subject);
    if (!person)
        in = of_program(verdict, &token, has && one, in);
    else if (!one)
        in = waits(in, "two-tokens");
    else if (in.is_answer)
        in = of_answer(verdict, &token, now_ms, in);
    else if (in.may_be_alert)
        in = of_new(verdict, in);
    else
        in = waits(in, "answers-nothing");
    *ret_intake = in;
}

kith_id_t intake_id(const verdict_t *verdict, kith_bytes_t raw)
{
    static const char same[] = "same mail";
    kith_bytes_t parts[] = {
        kith_bytes_str(same),
        {(const uint8_t *)verdict->from, strlen(verdict->from) + 1},
        {(const uint8_t *)verdict->message_id, strlen(verdict->message_id) + 1},
        {(const uint8_t *)verdict->subject, strlen(verdict->subject) + 1},
        kith_bytes_str(verdict->text),
    };
    kith_bytes_t whole[] = {kith_bytes_str(same), raw};
    bool says = *verdict->message_id != '\0';
    kith_digest_t digest;
    keys_hash(KITH_TAG_MAIL, says ? parts : whole, says ? 5 : 2, &digest);
    kith_id_t id;
    memcpy(id.bytes, digest.bytes, sizeof id.bytes);
    return id;
}
