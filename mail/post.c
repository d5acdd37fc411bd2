#include "mail/post.h"

#include "base/id.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/compose.h"
#include "mail/outbox.h"

#include <inttypes.h>
#include <string.h>

/* How long an answer or a bounce may take to come: of an alert from its end on. */
#define TOKEN_MS (INT64_C(30) * 24 * 3600 * 1000)

/* One mail to one person, as its occasion wants it. */
typedef struct letter_out {
    const char *occasion; /* with the address: once */
    const char *role;
    kith_bytes_t notice;
    kith_bytes_t answers; /* the alert whose answers it asks for; empty: none */
    int64_t ends_ms;      /* of answers */
    compose_t mail;
} letter_out_t;

static const char *const CHOICES[] = {"acting", "known, no action", "nothing known",
                                      "cannot share: why not"};

static const char *id_text(post_t *self, kith_bytes_t id)
{
    char text[KITH_ID_TEXT_SIZE];
    kith_id_text(id, text);
    return kith_arena_str(self->arena, text);
}

static const char *id_short(post_t *self, kith_bytes_t id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short(id, text);
    return kith_arena_str(self->arena, text);
}

static kith_bytes_t bytes_of(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}

static const char *link_to(post_t *self, const char *place, kith_bytes_t id)
{
    const char *page = self->conf->page;
    if (page == NULL)
        return NULL;
    size_t size = strlen(page);
    while (size > 0 && page[size - 1] == '/')
        size--;
    return kith_arena_printf(self->arena, "%.*s/#/%s%s%s", (int)size, page, place,
                             id.size > 0 ? "/" : "", id_text(self, id));
}

/* kith+TOKEN@agency.example */
static const char *address_with(post_t *self, const char *token)
{
    const char *address = self->conf->address;
    return kith_arena_printf(self->arena, "%.*s+%s@%s", (int)strcspn(address, "@"), address, token,
                             self->conf->domain);
}

/* A number of a mail in the place of an id. */
static void token_of_number(post_t *self, uint64_t number, char ret_text[TOKEN_TEXT_SIZE])
{
    uint8_t name[KITH_ID_BYTES] = {0};
    for (size_t i = 0; i < sizeof number; i++)
        name[i] = (uint8_t)(number >> (8 * (sizeof number - 1 - i)) & 0xff);
    token_make(self->key, TOKEN_BOUNCE, (kith_bytes_t){name, sizeof name}, self->now_ms + TOKEN_MS,
               ret_text);
}

static kith_err post(post_t *self, const mail_person_t *person, const letter_out_t *out)
{
    uint64_t number = 0;
    kith_err err = outbox_number(self->txn, person->address, out->occasion, &number);
    if (err != KITH_OK)
        return err == KITH_EXISTS ? KITH_OK : err;
    char bounce[TOKEN_TEXT_SIZE], answer[TOKEN_TEXT_SIZE];
    token_of_number(self, number, bounce);
    compose_t mail = out->mail;
    mail.to = person->address;
    mail.now_ms = self->now_ms;
    mail.reply_to = self->conf->address;
    mail.id = kith_arena_printf(self->arena, "k.%s@%s", bounce, self->conf->domain);
    if (out->answers.size > 0) {
        int64_t from_ms = out->ends_ms > self->now_ms ? out->ends_ms : self->now_ms;
        token_make(self->key, TOKEN_ANSWER, out->answers, from_ms + TOKEN_MS, answer);
        mail.reply_to = address_with(self, answer);
        mail.id =
            kith_arena_printf(self->arena, "%s.%" PRIu64 "@%s", answer, number, self->conf->domain);
        mail.choices = CHOICES;
        mail.choices_count = sizeof CHOICES / sizeof CHOICES[0];
    }
    kith_bytes_t bytes = compose_mail(self->arena, self->conf, &mail);
    Kith__Store__OutMail row = KITH__STORE__OUT_MAIL__INIT;
    row.to = kith_arena_str(self->arena, person->address);
    row.role = kith_arena_str(self->arena, out->role != NULL ? out->role : person->name);
    row.notice = (ProtobufCBinaryData){out->notice.size, (uint8_t *)(uintptr_t)out->notice.data};
    row.occasion = kith_arena_str(self->arena, out->occasion);
    row.sender = kith_arena_str(self->arena, address_with(self, bounce));
    row.mail = (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
    return outbox_add(self->txn, self->arena, number, &row, self->now_ms);
}

/* ---- alerts ---- */

/* An alert asks once, at first; a role is told each time its silence comes there. */
static const char *occasion_of_ask(post_t *self, kith_bytes_t alert)
{
    return kith_arena_printf(self->arena, "alert-to-answer %s", id_text(self, alert));
}

static bool has_role(const mail_person_t *person, const char *role)
{
    for (size_t i = 0; i < person->roles_count; i++)
        if (strcmp(person->roles[i], role) == 0)
            return true;
    return false;
}

typedef bool wanted_f(const mail_person_t *person, const char *word);

static bool is_asked(const mail_person_t *person, const char *word)
{
    (void)word;
    return person->asked;
}

static bool is_named(const mail_person_t *person, const char *word)
{
    return strcmp(person->name, word) == 0;
}

static const struct {
    const char *kind;
    wanted_f *wanted;
    const char *subject, *first;
} ASKING[] = {
    {"alert-to-answer", is_asked, "Kith: an alert asks for your answer",
     "An alert of %s asks your agency for an answer."},
    {"alert-escalated", has_role, "Kith: an alert is not answered yet",
     "Your agency has not answered an alert of %s, so it has come to you."},
    {"alert-to-confirm", is_named, "Kith: the alert you have seen waits for an answer",
     "You acknowledged an alert of %s; it still has no answer from your agency."},
};

static const char *due_line(post_t *self, const Kith__Api__Task *task)
{
    char due[KITH_TIME_TEXT_SIZE];
    if (task->due_ms == 0)
        return "Nothing known is an answer too; only silence is none.";
    kith_time_text(task->due_ms, due);
    return kith_arena_printf(self->arena,
                             "It is owed by %.10s %.5s UTC. Nothing known is an answer too; only "
                             "silence is none.",
                             due, due + 11);
}

kith_err post_task(post_t *self, const Kith__Api__Task *task)
{
    size_t kind = 0, kinds = sizeof ASKING / sizeof ASKING[0];
    while (kind < kinds && strcmp(ASKING[kind].kind, task->kind) != 0)
        kind++;
    if (kind == kinds)
        return KITH_OK;
    kith_bytes_t alert = bytes_of(task->notice_id);
    const char *word = kind == 0 ? "" : task->reason; /* a role; a person */
    const char *lines[] = {
        kith_arena_printf(self->arena, ASKING[kind].first, task->agency),
        due_line(self, task),
        kith_arena_printf(self->arena, "Reference: alert %s", id_short(self, alert)),
    };
    letter_out_t out = {
        .occasion = kind == 0 ? occasion_of_ask(self, alert)
                              : kith_arena_printf(self->arena, "%s %s %" PRId64, task->kind,
                                                  id_text(self, alert), task->since_ms),
        .role = kind == 1 ? word : NULL,
        .notice = alert,
        .answers = alert,
        .ends_ms = task->due_ms,
        .mail = {.subject = ASKING[kind].subject,
                 .lines = lines,
                 .lines_count = 3,
                 .link = link_to(self, "notice", alert)},
    };
    for (size_t i = 0; i < self->conf->people_count; i++) {
        const mail_person_t *person = &self->conf->people[i];
        kith_err err = ASKING[kind].wanted(person, word) ? post(self, person, &out) : KITH_OK;
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}

/* ---- what is new ---- */

static const char *where(post_t *self, const Kith__Api__Telling *t)
{
    return t->household.len > 0 ? kith_arena_printf(self->arena, "the family %s",
                                                    id_short(self, bytes_of(t->household)))
                                : "the front door";
}

static const char *telling_link(post_t *self, const Kith__Api__Telling *t)
{
    return t->household.len > 0 ? link_to(self, "household", bytes_of(t->household))
                                : link_to(self, "front-door", (kith_bytes_t){0});
}

/* What a mail that comes back is about. */
static kith_bytes_t notice_of(const Kith__Api__Telling *t)
{
    return t->n_newest > 0 ? bytes_of(t->newest[0]->id) : (kith_bytes_t){0};
}

/* but: who had this mail has read it already; NULL: nobody has. */
static kith_err post_all(post_t *self, const letter_out_t *out, mail_told told, const char *but)
{
    for (size_t i = 0; i < self->conf->people_count; i++) {
        const mail_person_t *person = &self->conf->people[i];
        bool wanted = (person->told & told) == told, has = false;
        kith_err err =
            wanted && but != NULL ? outbox_has(self->txn, person->address, but, &has) : KITH_OK;
        if (err == KITH_OK && wanted && !has)
            err = post(self, person, out);
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}

static kith_err post_urgent(post_t *self, const Kith__Api__Telling *t)
{
    const char *lines[] = {
        kith_arena_printf(self->arena,
                          "%s%" PRIu64 " at %s that nobody in your agency has looked at.",
                          t->again ? "Still: " : "", t->entries, where(self, t)),
        "Urgent things are told at once; the rest comes with the digest.",
    };
    letter_out_t out = {
        .occasion = kith_arena_printf(self->arena, "telling %" PRIu64, t->seq),
        .notice = notice_of(t),
        .mail = {.subject = "Kith: something urgent waits",
                 .lines = lines,
                 .lines_count = 2,
                 .link = telling_link(self, t)},
    };
    bool is_alert = t->entries == 1 && !t->again && t->n_newest == 1 &&
                    strcmp(t->newest[0]->kind, "alert") == 0;
    const char *asked = is_alert ? occasion_of_ask(self, bytes_of(t->newest[0]->id)) : NULL;
    return post_all(self, &out, MAIL_TOLD_URGENT, asked);
}

/* Families of one digest that are named; the link leads to all. */
#define DIGEST_LINES_MAX 30u

static kith_err post_digest(post_t *self, const Kith__Api__TellingsResponse *page, size_t count,
                            const Kith__Api__Telling *first)
{
    const char *lines[DIGEST_LINES_MAX + 2];
    size_t lines_count = 0;
    lines[lines_count++] = kith_arena_printf(
        self->arena, "What is new at %zu %s, and nobody in your agency has looked at:", count,
        count == 1 ? "place" : "places");
    for (size_t i = 0; i < page->n_tellings && lines_count <= DIGEST_LINES_MAX; i++) {
        const Kith__Api__Telling *t = page->tellings[i];
        if (!t->urgent)
            lines[lines_count++] =
                kith_arena_printf(self->arena, "%s: %" PRIu64, where(self, t), t->entries);
    }
    if (count > DIGEST_LINES_MAX)
        lines[lines_count++] = "and more: the feed has all of it.";
    letter_out_t out = {
        .occasion = kith_arena_printf(self->arena, "digest %" PRIu64, first->seq),
        .notice = notice_of(first),
        .mail = {.subject = "Kith: what is new",
                 .lines = lines,
                 .lines_count = lines_count,
                 .link = link_to(self, "feed", (kith_bytes_t){0})},
    };
    return post_all(self, &out, MAIL_TOLD_DIGEST, NULL);
}

kith_err post_tellings(post_t *self, const Kith__Api__TellingsResponse *page)
{
    const Kith__Api__Telling *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < page->n_tellings; i++) {
        const Kith__Api__Telling *t = page->tellings[i];
        kith_err err = t->urgent ? post_urgent(self, t) : KITH_OK;
        if (err != KITH_OK)
            return err;
        first = t->urgent || first != NULL ? first : t;
        count += !t->urgent;
    }
    return first != NULL ? post_digest(self, page, count, first) : KITH_OK;
}

/* ---- a draft ---- */

kith_err post_draft(post_t *self, const mail_person_t *person, kith_bytes_t mail_id)
{
    static const char *const lines[] = {
        "Your mail has come, and is a draft now. Nothing has been sent to any agency yet.",
        "Open it, look it over, and send it; or ask your agency's duty desk to.",
    };
    letter_out_t out = {
        .occasion = kith_arena_printf(self->arena, "draft %s", id_text(self, mail_id)),
        .mail = {.subject = "Kith: your draft waits",
                 .lines = lines,
                 .lines_count = 2,
                 .link = link_to(self, "mail", mail_id)},
    };
    return post(self, person, &out);
}
