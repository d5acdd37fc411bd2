/* Things that wait for a person. One open task for each (notice, kind, agency); ending one keeps
 * it, with who ended it. */
#include "agents/work/parts.h"

#define SEQ_TASKS     "tasks"
#define INBOX_DEFAULT 100u

static kith_key_t key_of(const char *kind, kith_bytes_t notice, const char *agency)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, notice);
    kith_key_name(&key, kind);
    kith_key_name(&key, agency);
    return key;
}

/* *ret_row is NULL when there is none, ended ones count. */
static kith_err find(const work_ctx_t *at, const kith_key_t *key, kith_key_t *ret_seq,
                     Kith__Store__TaskRow **ret_row)
{
    kith_bytes_t value;
    kith_err err = kith_get(at->txn, AGENT_TABLE_TASKS_OF, kith_key_bytes(key), &value);
    if (err == KITH_NOT_FOUND) {
        *ret_row = NULL;
        return KITH_OK;
    }
    WORK_TRY(err);
    kith_key_t seq;
    kith_key_clear(&seq);
    kith_key_raw(&seq, value);
    Kith__Store__TaskRow *row = NULL;
    WORK_TRY(view_find_task(at, kith_key_bytes(&seq), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    *ret_seq = seq;
    *ret_row = row;
    return KITH_OK;
}

kith_err task_open(const work_ctx_t *at, const task_said_t *said)
{
    kith_key_t key = key_of(said->kind, said->notice, said->agency), held_seq;
    Kith__Store__TaskRow *held = NULL;
    WORK_TRY(find(at, &key, &held_seq, &held));
    if (held != NULL && held->done_ms == 0) {
        if (held->due_ms == said->due_ms) {
            return KITH_OK;
        }
        held->due_ms = said->due_ms;
        return view_put_task(at, kith_key_bytes(&held_seq), held);
    }
    uint64_t number = 0;
    WORK_TRY(view_next_seq(at, SEQ_TASKS, &number));
    kith_key_t seq = view_key_seq(number);
    Kith__Store__TaskRow row = KITH__STORE__TASK_ROW__INIT;
    row.kind = text_of(said->kind);
    row.notice_id = binary_of(said->notice);
    row.agency = text_of(said->agency);
    row.reason = text_of(said->reason);
    row.since_ms = at->now_ms;
    row.due_ms = said->due_ms;
    row.household = binary_of(said->household);
    WORK_TRY(view_put_task(at, kith_key_bytes(&seq), &row));
    WORK_TRY(kith_put(at->txn, AGENT_TABLE_TASKS_OPEN, kith_key_bytes(&seq), (kith_bytes_t){0}));
    return kith_put(at->txn, AGENT_TABLE_TASKS_OF, kith_key_bytes(&key), kith_key_bytes(&seq));
}

static kith_err end(const work_ctx_t *at, const kith_key_t *seq, Kith__Store__TaskRow *row,
                    const char *by)
{
    row->done_ms = at->now_ms;
    row->done_by = text_of(by);
    WORK_TRY(view_put_task(at, kith_key_bytes(seq), row));
    return kith_del(at->txn, AGENT_TABLE_TASKS_OPEN, kith_key_bytes(seq));
}

kith_err task_end(const work_ctx_t *at, const char *kind, kith_bytes_t notice, const char *agency,
                  const char *by)
{
    kith_key_t key = key_of(kind, notice, agency), seq;
    Kith__Store__TaskRow *row = NULL;
    WORK_TRY(find(at, &key, &seq, &row));
    if (row == NULL || row->done_ms != 0) {
        return KITH_OK;
    }
    return end(at, &seq, row, by);
}

kith_err task_find(const work_ctx_t *at, const char *kind, kith_bytes_t notice, const char *agency,
                   Kith__Store__TaskRow **ret_row)
{
    kith_key_t key = key_of(kind, notice, agency), seq;
    return find(at, &key, &seq, ret_row);
}

/* ---- the open tasks of a household ---- */

static kith_err next_of(const work_ctx_t *at, view_walk_t *walk, kith_bytes_t household,
                        Kith__Store__TaskRow **ret_row)
{
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, walk, &nothing)) == KITH_OK) {
        Kith__Store__TaskRow *row = NULL;
        WORK_TRY(view_find_task(at, kith_key_bytes(&walk->place), &row));
        if (row == NULL) {
            return KITH_CORRUPT; /* both are written in one commit */
        }
        if (kith_bytes_equal(bytes_of(row->household), household)) {
            *ret_row = row;
            return KITH_OK;
        }
    }
    return err;
}

static void add_note(const work_ctx_t *at, Kith__Store__TaskRow *row, const char *note)
{
    if (has_text(note)) { /* beside why it was opened */
        row->reason = kith_arena_printf(at->arena, "%s%s%s", row->reason,
                                        has_text(row->reason) ? ": " : "", note);
    }
}

kith_err task_end_of(const work_ctx_t *at, kith_bytes_t household, const char *const *kinds,
                     const char *by, const char *note)
{
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OPEN, (kith_bytes_t){0}, (kith_bytes_t){0});
    Kith__Store__TaskRow *row = NULL;
    kith_err err = KITH_OK;
    while ((err = next_of(at, &walk, household, &row)) == KITH_OK) {
        bool listed = false;
        for (size_t i = 0; kinds[i] != NULL; i++) {
            listed = listed || strcmp(kinds[i], row->kind) == 0;
        }
        if (listed) {
            add_note(at, row, note);
            WORK_TRY(end(at, &walk.place, row, by));
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err task_count_of(const work_ctx_t *at, kith_bytes_t household, size_t *ret_count)
{
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OPEN, (kith_bytes_t){0}, (kith_bytes_t){0});
    Kith__Store__TaskRow *row = NULL;
    size_t count = 0;
    kith_err err = KITH_OK;
    while ((err = next_of(at, &walk, household, &row)) == KITH_OK) {
        count++;
    }
    if (err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_count = count;
    return KITH_OK;
}

kith_err task_front_door(const work_ctx_t *at, const Kith__Store__FeedRow *row)
{
    const char *front_door = at->work->agreement->front_door;
    bool event = strcmp(row->kind, "event") == 0;
    if (!event || !row->unknown_household || !has_text(front_door) || !is_self(at, front_door)) {
        return KITH_OK;
    }
    task_said_t said = {
        .kind = "front-door",
        .notice = bytes_of(row->notice_id),
        .agency = row->origin,
        .reason = "unknown-household",
        .household = bytes_of(row->household),
    };
    return task_open(at, &said);
}

/* ---- what became of what was sent ---- */

static kith_err tell(const work_ctx_t *at, const agent_outcome_t *outcome, const char *kind)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_find(at, outcome->notice_id, &seq, &row));
    task_said_t said = {
        .kind = kind,
        .notice = outcome->notice_id,
        .agency = outcome->recipient,
        .reason =
            outcome->reason == KITH__REASON__REASON_UNSPECIFIED
                ? ""
                : word_of(at->arena, &kith__reason__descriptor, "REASON_", (int)outcome->reason),
        .household = row != NULL ? bytes_of(row->household) : (kith_bytes_t){0},
    };
    return task_open(at, &said);
}

/* It has arrived after all. */
static kith_err arrived(const work_ctx_t *at, const agent_outcome_t *outcome)
{
    WORK_TRY(task_end(at, "expired", outcome->notice_id, outcome->recipient, outcome->recipient));
    return task_end(at, "quarantined", outcome->notice_id, outcome->recipient, outcome->recipient);
}

kith_err work_outcome(void *self, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_outcome_t *outcome)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = outcome->now_ms};
    switch (outcome->outcome) {
    case KITH__OUTCOME__OUTCOME_REFUSED:
        return tell(&at, outcome, "refused");
    case KITH__OUTCOME__OUTCOME_QUARANTINED:
        return tell(&at, outcome, "quarantined");
    case KITH__OUTCOME__OUTCOME_EXPIRED:
        return tell(&at, outcome, "expired");
    case KITH__OUTCOME__OUTCOME_DELIVERED:
    case KITH__OUTCOME__OUTCOME_DELIVERED_LATE:
        return arrived(&at, outcome);
    case KITH__OUTCOME__OUTCOME_UNSPECIFIED:
    case KITH__OUTCOME__OUTCOME_VOIDED:
    case KITH__OUTCOME__OUTCOME_REPEAT:
    case _KITH__OUTCOME_IS_INT_SIZE:
        break;
    }
    return KITH_OK;
}

/* ---- a person ends what waits ---- */

/* The next open task of the walk that is asked for. KITH_NOT_FOUND at the end. */
static kith_err next_open(const work_ctx_t *at, view_walk_t *walk, const char *kind,
                          kith_key_t *ret_seq, Kith__Store__TaskRow **ret_row)
{
    kith_bytes_t value;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, walk, &value)) == KITH_OK) {
        kith_key_t seq;
        Kith__Store__TaskRow *row = NULL;
        kith_key_clear(&seq);
        kith_key_raw(&seq, value);
        WORK_TRY(view_find_task(at, kith_key_bytes(&seq), &row));
        if (row == NULL) {
            return KITH_CORRUPT; /* both are written in one commit */
        }
        if (row->done_ms == 0 && (!has_text(kind) || strcmp(kind, row->kind) == 0)) {
            *ret_seq = seq;
            *ret_row = row;
            return KITH_OK;
        }
    }
    return err;
}

/* NULL: a person may end it. */
static const work_refusal_t *asks_answer(const Kith__Store__TaskRow *row)
{
    static const struct {
        const char *kind;
        work_refusal_t refusal;
    } asked[] = {
        {TASK_DECIDE,
         {"answer-asked", "the referral asks for a decision: kith accept, or kith decline"}},
        {TASK_INFORM,
         {"answer-asked", "the referral asks for information: kith referral inform, or withdraw"}},
        {TASK_BEGIN, {"answer-asked", "the referral is accepted: kith referral begin, or close"}},
        {TASK_ANSWER, {"answer-asked", "the alert asks for an answer: kith reply"}},
        {TASK_EXPLAIN, {"answer-asked", "another agency disagrees: kith disagreement answer"}},
        {TASK_SETTLE,
         {"answer-asked",
          "the disagreement is answered: kith disagreement resolve, escalate or withdraw"}},
        {TASK_CONTRIBUTE,
         {"answer-asked", "the assessment asks for a part: kith assessment contribute"}},
        {TASK_HELP,
         {"answer-asked", "small help asks for a decision: kith small-help approve, or decline"}},
        {TASK_SPEND,
         {"answer-asked",
          "a sum is set aside: kith small-help spent says what it cost, or withdraw"}},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (strcmp(row->kind, asked[i].kind) == 0) {
            return &asked[i].refusal;
        }
    }
    return NULL;
}

/* All may be ended, and there are any. */
static kith_err may_end(const work_ctx_t *at, const Kith__Api__DoneRequest *ask,
                        work_refusal_t *refusal)
{
    static const work_refusal_t none = {
        "task-unknown", "no such task of this notice is open here: kith inbox says what waits"};
    const char *field = NULL;
    const work_refusal_t *limit = check_fields(&ask->base, &field);
    if (limit != NULL) {
        *refusal = (work_refusal_t){limit->rule,
                                    kith_arena_printf(at->arena, "%s: %s", field, limit->what)};
        return KITH_INVALID;
    }
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OF, bytes_of(ask->notice_id), (kith_bytes_t){0});
    kith_key_t seq;
    Kith__Store__TaskRow *row = NULL;
    kith_err err = ask->notice_id.len == 0 ? KITH_NOT_FOUND : KITH_OK;
    while (err == KITH_OK && (err = next_open(at, &walk, ask->kind, &seq, &row)) == KITH_OK) {
        const work_refusal_t *asked = asks_answer(row);
        if (asked != NULL) {
            *refusal = *asked;
            return KITH_CONFLICT;
        }
    }
    if (err == KITH_NOT_FOUND && row == NULL) {
        *refusal = none;
        return KITH_NOT_FOUND;
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err work_done(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__DoneRequest *ask, const char *user, int64_t now_ms,
                   uint32_t *ret_ended, work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    WORK_TRY(may_end(&at, ask, ret_refusal));
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OF, bytes_of(ask->notice_id), (kith_bytes_t){0});
    kith_key_t seq;
    Kith__Store__TaskRow *row = NULL;
    uint32_t ended = 0;
    kith_err err = KITH_OK;
    while ((err = next_open(&at, &walk, ask->kind, &seq, &row)) == KITH_OK) {
        add_note(&at, row, ask->why);
        WORK_TRY(end(&at, &seq, row, user));
        ended++;
    }
    if (err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_ended = ended;
    return KITH_OK;
}

/* ---- the inbox ---- */

/* What a predecessor wants read first are the only words of a person in a task's reason. */
static kith_err shield_reason(const work_ctx_t *at, Kith__Api__Task *task)
{
    Kith__Store__HouseholdRow *household = NULL;
    if (strcmp(task->kind, TASK_READ_FIRST) != 0) {
        return KITH_OK;
    }
    WORK_TRY(household_find(at, bytes_of(task->household), &household));
    if (household_shielded(household)) {
        task->reason = text_of("shielded: kith household show");
    }
    return KITH_OK;
}

static kith_err show(const work_ctx_t *at, const view_walk_t *walk, Kith__Api__Task **ret_task)
{
    Kith__Store__TaskRow *row = NULL;
    Kith__Store__FeedRow *feed = NULL;
    uint64_t seq = 0;
    WORK_TRY(view_find_task(at, kith_key_bytes(&walk->place), &row));
    if (row == NULL) {
        return KITH_CORRUPT;
    }
    WORK_TRY(feed_find(at, bytes_of(row->notice_id), &seq, &feed));
    Kith__Api__Task *task = kith_arena_need(at->arena, sizeof *task);
    kith__api__task__init(task);
    task->seq = kith_key_read_u64(&(kith_key_reader_t){kith_key_bytes(&walk->place)});
    task->kind = row->kind;
    task->notice_id = row->notice_id;
    task->agency = row->agency;
    task->reason = row->reason;
    task->since_ms = row->since_ms;
    task->due_ms = row->due_ms;
    task->household = row->household;
    if (feed != NULL) {
        task->summary = feed->summary;
        task->household = feed->household; /* it may have been linked since */
    }
    if (strcmp(row->kind, TASK_MAIL) == 0) {
        const char *line = "";
        WORK_TRY(mail_line(at, bytes_of(row->notice_id), &line));
        task->summary = text_of(line);
    }
    WORK_TRY(shield_reason(at, task));
    *ret_task = task;
    return KITH_OK;
}

kith_err task_list_of(const work_ctx_t *at, kith_bytes_t household, Kith__Api__HouseholdView *view)
{
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OPEN, (kith_bytes_t){0}, (kith_bytes_t){0});
    Kith__Store__TaskRow *row = NULL;
    kith_err err = KITH_OK;
    view->tasks = kith_arena_need(at->arena, INBOX_DEFAULT * sizeof *view->tasks);
    while (view->n_tasks < INBOX_DEFAULT &&
           (err = next_of(at, &walk, household, &row)) == KITH_OK) {
        WORK_TRY(show(at, &walk, &view->tasks[view->n_tasks]));
        view->n_tasks++;
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err work_inbox(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                    const Kith__Api__InboxRequest *ask, Kith__Api__InboxResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    size_t limit = ask->limit == 0                   ? INBOX_DEFAULT
                   : ask->limit > KITH_FEED_PAGE_MAX ? KITH_FEED_PAGE_MAX
                                                     : ask->limit;
    kith_key_t after = view_key_seq(ask->after);
    view_walk_t walk = view_walk(AGENT_TABLE_TASKS_OPEN, (kith_bytes_t){0}, kith_key_bytes(&after));
    Kith__Api__Task **tasks = kith_arena_need(arena, (limit + 1) * sizeof(Kith__Api__Task *));
    size_t count = 0;
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while (count <= limit && (err = view_walk_next(&at, &walk, &nothing)) == KITH_OK) {
        WORK_TRY(show(&at, &walk, &tasks[count]));
        count++;
    }
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    ret->more = count > limit;
    ret->n_tasks = ret->more ? limit : count;
    ret->tasks = tasks;
    return KITH_OK;
}
