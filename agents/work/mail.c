/* Mails at this agency: what came and waits for a person, and what reached nobody. Read and sent by
 * kith-mail, which decides what a mail may do; here is only what a person is told of it. */
#include "agents/work/parts.h"

#include "base/text.h"

static kith_err refuse(work_refusal_t *ret_refusal, kith_err err, const char *rule,
                       const char *what)
{
    *ret_refusal = (work_refusal_t){rule, what};
    return err;
}

static kith_err find(const work_ctx_t *at, kith_bytes_t id, Kith__Store__MailRow **ret_row,
                     Kith__Api__Mail **ret_mail)
{
    Kith__Store__MailRow *row = NULL;
    WORK_TRY(view_find_mail(at, id, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    const char *field = NULL;
    void *mail =
        kith_message_unpack(at->arena, &kith__api__mail__descriptor, bytes_of(row->mail), &field);
    if (mail == NULL) {
        return KITH_CORRUPT;
    }
    *ret_row = row;
    *ret_mail = mail;
    return KITH_OK;
}

/* ---- what came ---- */

/* Where it stands in the inbox: the household of what it would become. */
static kith_err household_of(const work_ctx_t *at, const Kith__Api__Draft *draft,
                             kith_bytes_t *ret_household)
{
    Kith__Store__AlertRow *alert = NULL;
    *ret_household = (kith_bytes_t){0};
    if (draft == NULL) {
        return KITH_OK;
    }
    *ret_household = bytes_of(draft->household);
    if (draft->body_case == KITH__API__DRAFT__BODY_REPLY && draft->reply->alert.len > 0) {
        WORK_TRY(alert_find(at, bytes_of(draft->reply->alert), &alert));
        *ret_household = alert != NULL ? bytes_of(alert->household) : *ret_household;
    }
    return KITH_OK;
}

/* A stranger's mail is a task alone: whoever writes many fills no feed. */
static kith_err tell(const work_ctx_t *at, const Kith__Api__Mail *mail, kith_bytes_t household)
{
    line_t line = {0};
    line_add(&line, "a mail waits: ");
    line_add(&line, mail->why);
    return mail->known ? feed_tell_urgent(at, bytes_of(mail->id), household, "mail",
                                          line_text(at->arena, &line))
                       : KITH_OK;
}

kith_err work_mail_in(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__Mail *mail, int64_t now_ms, bool *ret_repeat,
                      work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    if (mail == NULL || mail->id.len != KITH_ID_BYTES || !has_text(mail->kind)) {
        return refuse(ret_refusal, KITH_INVALID, "mail", "a mail has an id of 16 bytes and a kind");
    }
    kith_bytes_t id = bytes_of(mail->id);
    kith_err err = KITH_OK;
    if (view_has(&at, AGENT_TABLE_MAILS, id, &err) || err != KITH_OK) {
        *ret_repeat = err == KITH_OK;
        return err;
    }
    Kith__Store__MailRow row = KITH__STORE__MAIL_ROW__INIT;
    row.mail = binary_of(KITH_PACK(arena, mail));
    WORK_TRY(view_put_mail(&at, id, &row));
    task_said_t said = {.kind = TASK_MAIL, .notice = id, .agency = "", .reason = mail->why};
    WORK_TRY(household_of(&at, mail->draft, &said.household));
    WORK_TRY(task_open(&at, &said));
    return tell(&at, mail, said.household);
}

kith_err work_mail(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                   Kith__Api__Mail **ret_mail)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Store__MailRow *row = NULL;
    Kith__Store__TaskRow *task = NULL;
    WORK_TRY(find(&at, id, &row, ret_mail));
    WORK_TRY(task_find(&at, TASK_MAIL, id, "", &task));
    if (task == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    (*ret_mail)->ended_ms = task->done_ms;
    (*ret_mail)->ended_by = task->done_by;
    (*ret_mail)->became = row->became;
    return KITH_OK;
}

kith_err work_mail_became(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                          kith_bytes_t notice, const char *user, int64_t now_ms)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__MailRow *row = NULL;
    WORK_TRY(view_find_mail(&at, id, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    row->became = binary_of(notice);
    WORK_TRY(view_put_mail(&at, id, row));
    return task_end(&at, TASK_MAIL, id, "", user);
}

kith_err mail_line(const work_ctx_t *at, kith_bytes_t id, const char **ret_line)
{
    Kith__Store__MailRow *row = NULL;
    Kith__Api__Mail *mail = NULL;
    kith_err err = find(at, id, &row, &mail);
    if (err != KITH_OK) {
        return err == KITH_NOT_FOUND ? KITH_OK : err;
    }
    line_t line = {0};
    line_add(&line, mail->kind);
    line_add(&line, " of ");
    line_add(&line, has_text(mail->from) ? mail->from : "nobody named");
    line_add(&line, has_text(mail->subject) ? ": " : "");
    line_add(&line, mail->subject);
    *ret_line = line_text(at->arena, &line);
    return KITH_OK;
}

/* ---- what reached nobody ---- */

kith_err work_undelivered(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                          const Kith__Api__UndeliveredRequest *ask, int64_t now_ms,
                          bool *ret_climbed, work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    if (ask->notice.len != KITH_ID_BYTES || !has_text(ask->reason)) {
        return refuse(ret_refusal, KITH_INVALID, "undelivered",
                      "say of which notice a mail told, and why it reached nobody");
    }
    kith_bytes_t notice = bytes_of(ask->notice);
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_find(&at, notice, &seq, &row));
    if (row == NULL) {
        return refuse(ret_refusal, KITH_NOT_FOUND, "undelivered", "no notice here has this id");
    }
    line_t reason = {0};
    line_add(&reason, ask->role);
    line_add(&reason, has_text(ask->role) ? ": " : "");
    line_add(&reason, ask->reason);
    task_said_t said = {
        .kind = TASK_UNDELIVERED,
        .notice = notice,
        .agency = ask->role, /* one task for each who was to have it */
        .reason = line_text(arena, &reason),
        .household = bytes_of(row->household),
    };
    WORK_TRY(task_open(&at, &said));
    return climb_undelivered(&at, notice, ask->role, ret_climbed);
}
