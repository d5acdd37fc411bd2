/* The child's words: made, carried over, read again. */
#include "mail/verdict.h"

#include "base/limits.h"
#include "io/json.h"
#include "mail/authres.h"
#include "mail/mime.h"
#include "mail/quote.h"
#include "mail/sandbox.h"

#include <string.h>

/* Of the child: the mail in one kind of line ends, its texts and what is said. */
#define CHILD_ARENA_BYTES (96u * 1024u * 1024u)
#define CHILD_WAIT_MS     10000
/* A person's words; more is a text that is pasted. */
#define BODY_BYTES_MAX (192u * 1024u)

/* Its beginning: whole letters, at most so many bytes. */
static const char *cut(kith_arena_t *arena, const char *text, size_t most)
{
    size_t size = strnlen(text, most);
    while (text[size] != '\0' && size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80)
        size--;
    return kith_arena_printf(arena, "%.*s", (int)size, text);
}

static kith_json_t *written(kith_arena_t *arena, const letter_t *l, const char *server)
{
    kith_json_t *out = kith_json_object();
    kith_json_put_str(out, "kind", letter_kind_word(letter_judge(l)));
    kith_json_put_str(out, "from", l->from);
    kith_json_put_str(out, "subject", l->subject);
    kith_json_put_str(out, "message_id", l->message_id);
    kith_json_put_str(out, "in_reply_to", l->in_reply_to);
    kith_json_put_str(out, "references", l->references);
    kith_json_put_str(out, "dmarc", authres_dmarc(arena, l, server));
    kith_json_put_str(out, "doubt", l->doubt != NULL ? l->doubt : "");
    kith_json_t *recipients = kith_json_list();
    for (size_t i = 0; i < l->recipients_count; i++)
        kith_json_add_str(recipients, l->recipients[i]);
    kith_json_put(out, "recipients", &recipients);
    return out;
}

kith_bytes_t verdict_make(kith_arena_t *arena, kith_bytes_t mail, const char *server,
                          const char *own)
{
    letter_t letter;
    if (mime_read(arena, mail, own, &letter) != KITH_OK)
        return (kith_bytes_t){0};
    const char *body = cut(arena, letter.text, BODY_BYTES_MAX);
    const char *text = quote_above(arena, body, letter.from_name, letter.from);
    if (text == NULL)
        return (kith_bytes_t){0};
    if (strlen(text) > KITH_TEXT_BYTES_MAX)
        letter.doubt = "more words than an answer has";
    kith_json_t *out = written(arena, &letter, server);
    kith_json_put_str(out, "text", cut(arena, text, KITH_TEXT_BYTES_MAX));
    kith_json_put_str(out, "body", body);
    kith_bytes_t said = kith_bytes_str(kith_json_text(arena, out));
    kith_json_destroy(&out);
    return said;
}

static bool take(kith_arena_t *arena, const kith_json_t *object, const char *name,
                 const char **ret_text)
{
    const kith_json_t *value = kith_json_get(object, name);
    if (value == NULL || kith_json_kind_of(value) != KITH_JSON_STRING)
        return false;
    *ret_text = kith_arena_str(arena, kith_json_str(value));
    return true;
}

static bool take_recipients(kith_arena_t *arena, const kith_json_t *object, verdict_t *v)
{
    const kith_json_t *list = kith_json_get(object, "recipients");
    if (list == NULL || kith_json_kind_of(list) != KITH_JSON_LIST ||
        kith_json_count(list) > LETTER_RECIPIENTS_MAX)
        return false;
    v->recipients = kith_arena_need(arena, LETTER_RECIPIENTS_MAX * sizeof *v->recipients);
    for (size_t i = 0; i < kith_json_count(list); i++) {
        const kith_json_t *one = kith_json_at(list, i);
        if (kith_json_kind_of(one) != KITH_JSON_STRING)
            return false;
        v->recipients[v->recipients_count++] = kith_arena_str(arena, kith_json_str(one));
    }
    return true;
}

kith_err verdict_parse(kith_arena_t *arena, kith_bytes_t text, verdict_t *ret_verdict)
{
    kith_json_t *object = NULL;
    kith_json_error_t error;
    if (kith_json_parse(text, &object, &error) != KITH_OK)
        return KITH_INVALID;
    verdict_t v = {0};
    const char *kind = NULL;
    bool ok = kith_json_kind_of(object) == KITH_JSON_OBJECT && take(arena, object, "kind", &kind) &&
              letter_kind_of(kind, &v.kind) && take(arena, object, "from", &v.from) &&
              take(arena, object, "subject", &v.subject) &&
              take(arena, object, "message_id", &v.message_id) &&
              take(arena, object, "in_reply_to", &v.in_reply_to) &&
              take(arena, object, "references", &v.references) &&
              take(arena, object, "dmarc", &v.dmarc) && take(arena, object, "text", &v.text) &&
              take(arena, object, "body", &v.body) && take(arena, object, "doubt", &v.doubt) &&
              take_recipients(arena, object, &v);
    kith_json_destroy(&object);
    if (ok)
        *ret_verdict = v;
    return ok ? KITH_OK : KITH_INVALID;
}

typedef struct task {
    kith_bytes_t mail;
    const char *server, *own;
} task_t;

static kith_bytes_t work(kith_arena_t *arena, const void *context)
{
    const task_t *task = context;
    return verdict_make(arena, task->mail, task->server, task->own);
}

/* The mail ended its reader: somebody looks at it, with care. */
static void nothing_said(verdict_t *ret_verdict, const char **ret_json)
{
    *ret_verdict = (verdict_t){.kind = LETTER_DOUBTFUL,
                               .from = "",
                               .subject = "",
                               .message_id = "",
                               .in_reply_to = "",
                               .references = "",
                               .dmarc = "",
                               .text = "",
                               .body = "",
                               .doubt = "reading it took more than a mail may take"};
    *ret_json =
        "{\"kind\": \"doubtful\", \"doubt\": \"reading it took more than a mail may take\"}";
}

kith_err verdict_of(kith_arena_t *arena, kith_bytes_t mail, const char *server, const char *own,
                    verdict_t *ret_verdict, const char **ret_json)
{
    task_t task = {mail, server, own};
    sandbox_job_t job = {mime_begin, work, &task, CHILD_ARENA_BYTES};
    kith_bytes_t said;
    kith_err err = sandbox_run(&job, CHILD_WAIT_MS, arena, &said);
    if (err == KITH_OK)
        err = verdict_parse(arena, said, ret_verdict);
    if (err == KITH_INVALID)
        nothing_said(ret_verdict, ret_json);
    else if (err == KITH_OK)
        *ret_json = kith_arena_printf(arena, "%.*s", (int)said.size, (const char *)said.data);
    return err == KITH_INVALID ? KITH_OK : err;
}
