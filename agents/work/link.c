/* This agency's own decisions that a record belongs to a household, or does not. They stay here:
 * each agency links its own numbering, and nothing of it is sent but the household's id. Who
 * decided and why is kept, also of what was undone. */
#include "agents/work/parts.h"

/* Decisions about one record that were undone. */
#define PAST_MAX 16u

Kith__About *const *about_of(const Kith__Notice *notice, size_t *ret_count)
{
    switch (notice->body_case) {
    case KITH__NOTICE__BODY_EVENT:
        *ret_count = notice->event->n_about;
        return notice->event->about;
    case KITH__NOTICE__BODY_REFERRAL:
        *ret_count = notice->referral->n_about;
        return notice->referral->about;
    case KITH__NOTICE__BODY_ALERT:
        *ret_count = notice->alert->n_about;
        return notice->alert->about;
    case KITH__NOTICE__BODY_REFERRAL_ANSWER:
    case KITH__NOTICE__BODY_REPLY:
    case KITH__NOTICE__BODY_HOUSEHOLD_CHANGE:
    case KITH__NOTICE__BODY_SEEN:
    case KITH__NOTICE__BODY_DIRECTORY:
    case KITH__NOTICE__BODY_ALERT_CHANGE:
    case KITH__NOTICE__BODY_DISAGREEMENT:
    case KITH__NOTICE__BODY_ASSESSMENT:
    case KITH__NOTICE__BODY_PLAN:
    case KITH__NOTICE__BODY_SMALL_HELP:
    case KITH__NOTICE__BODY__NOT_SET:
    case _KITH__NOTICE__BODY__CASE_IS_INT_SIZE:
        break;
    }
    *ret_count = 0;
    return NULL;
}

bool about_shielded(const Kith__Notice *notice)
{
    size_t count = 0;
    Kith__About *const *about = about_of(notice, &count);
    for (size_t i = 0; i < count; i++) {
        if (about[i]->shielded) {
            return true;
        }
    }
    return false;
}

/* household: empty for the link itself; given for "not the same as this one". */
static kith_key_t key_of(const Kith__Reference *ref, kith_bytes_t household)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, ref->system);
    kith_key_name(&key, ref->id);
    kith_key_raw(&key, household);
    return key;
}

static kith_err find(const work_ctx_t *at, const Kith__Reference *ref, kith_bytes_t household,
                     Kith__Store__LinkRow **ret_row)
{
    *ret_row = NULL;
    if (ref == NULL) { /* a draft that check_about has not seen yet */
        return KITH_OK;
    }
    kith_key_t key = key_of(ref, household);
    return view_find_link(at, kith_key_bytes(&key), ret_row);
}

/* As above, when it stands: one that was undone is only remembered. */
static kith_err find_standing(const work_ctx_t *at, const Kith__Reference *ref,
                              kith_bytes_t household, Kith__Store__LinkRow **ret_row)
{
    WORK_TRY(find(at, ref, household, ret_row));
    if (*ret_row != NULL && (*ret_row)->household.len == 0) {
        *ret_row = NULL;
    }
    return KITH_OK;
}

static kith_err is_known(const work_ctx_t *at, kith_bytes_t household, bool *ret_known)
{
    kith_err err = KITH_OK;
    *ret_known = view_has(at, AGENT_TABLE_HOUSEHOLDS, household, &err);
    return err;
}

/* The one household all links agree on. */
static kith_err by_links(const work_ctx_t *at, const Kith__Notice *notice, belongs_t *belongs)
{
    size_t count = 0;
    Kith__About *const *about = about_of(notice, &count);
    kith_bytes_t linked = {0};
    for (size_t i = 0; i < count; i++) {
        Kith__Store__LinkRow *row = NULL;
        WORK_TRY(find_standing(at, about[i]->ref, (kith_bytes_t){0}, &row));
        if (row == NULL || kith_bytes_equal(bytes_of(row->household), linked)) {
            continue;
        }
        if (linked.size > 0) {
            belongs->several = true;
            return KITH_OK;
        }
        linked = bytes_of(row->household);
    }
    if (linked.size > 0) {
        belongs->household = linked;
        belongs->known = true; /* only a known household is ever linked */
    }
    return KITH_OK;
}

kith_err link_resolve(const work_ctx_t *at, const Kith__Notice *notice, belongs_t *ret_belongs)
{
    belongs_t belongs = {.household = bytes_of(notice->household)};
    WORK_TRY(is_known(at, belongs.household, &belongs.known));
    if (!belongs.known) {
        WORK_TRY(by_links(at, notice, &belongs));
    }
    *ret_belongs = belongs;
    return KITH_OK;
}

kith_err link_denied(const work_ctx_t *at, const Kith__Notice *notice, bool *ret_denied)
{
    size_t count = 0;
    Kith__About *const *about = about_of(notice, &count);
    bool denied = false;
    for (size_t i = 0; i < count && !denied && notice->household.len > 0; i++) {
        Kith__Store__LinkRow *row = NULL;
        WORK_TRY(find_standing(at, about[i]->ref, bytes_of(notice->household), &row));
        denied = row != NULL;
    }
    *ret_denied = denied;
    return KITH_OK;
}

kith_err draft_household(work_draft_t *draft)
{
    bool named = draft->notice->household.len > 0, denied = false;
    WORK_TRY(link_denied(&draft->at, draft->notice, &denied));
    if (denied) {
        return draft_refuse(draft, KITH_CONFLICT, "not-the-same",
                            "one of the references was said not to be of this household: leave it "
                            "out, or undo that first (kith household not-same --undo)");
    }
    if (named) { /* a person's word: links say nothing against it */
        return is_known(&draft->at, bytes_of(draft->notice->household), &draft->known);
    }
    belongs_t belongs;
    WORK_TRY(link_resolve(&draft->at, draft->notice, &belongs));
    if (belongs.several) {
        return draft_refuse(draft, KITH_CONFLICT, "several-households",
                            "the references are linked to different households: name the one this "
                            "is about, or submit one notice for each");
    }
    draft->known = belongs.known;
    if (belongs.known) {
        draft->notice->household = binary_of(kith_arena_copy(draft->at.arena, belongs.household));
    }
    return KITH_OK;
}

/* ---- a person links ---- */

static kith_err refuse(kith_err err, const char *rule, const char *what, work_refusal_t *refusal)
{
    *refusal = (work_refusal_t){.rule = rule, .what = what};
    return err;
}

static kith_err check_ask(const work_ctx_t *at, const Kith__Api__LinkRequest *ask,
                          work_refusal_t *refusal)
{
    const Kith__Reference *ref = ask->ref;
    const char *field = NULL;
    if (ref == NULL || !has_text(ref->system) || !has_text(ref->id)) {
        return refuse(KITH_INVALID, "reference-missing",
                      "say which record: its system and its id there", refusal);
    }
    const work_refusal_t *limit = check_fields(&ask->base, &field);
    if (limit != NULL) {
        return refuse(KITH_INVALID, limit->rule,
                      kith_arena_printf(at->arena, "%s: %s", field, limit->what), refusal);
    }
    if (!has_text(ask->why)) {
        return refuse(KITH_INVALID, "link-why",
                      "say why, what was compared: it is kept with who decided", refusal);
    }
    if (ask->household.len == 0) {
        return ask->undo && !ask->not_the_same
                   ? KITH_OK
                   : refuse(KITH_INVALID, "household-missing", "say which household", refusal);
    }
    bool known = false;
    WORK_TRY(is_known(at, bytes_of(ask->household), &known));
    return known || ask->undo ? KITH_OK
                              : refuse(KITH_NOT_FOUND, "household-unknown",
                                       "this agency knows no such household", refusal);
}

/* The index of links by household. */
static kith_key_t index_of(kith_bytes_t household, const kith_key_t *key)
{
    kith_key_t index;
    kith_key_clear(&index);
    kith_key_raw(&index, household);
    kith_key_raw(&index, kith_key_bytes(key));
    return index;
}

static kith_key_t key_asked(const Kith__Api__LinkRequest *ask)
{
    return key_of(ask->ref, ask->not_the_same ? bytes_of(ask->household) : (kith_bytes_t){0});
}

static bool is_of(const Kith__Store__LinkRow *row, kith_bytes_t household)
{
    bool is = kith_bytes_equal(bytes_of(row->household), household);
    for (size_t i = 0; i < row->n_past; i++) {
        is = is || kith_bytes_equal(bytes_of(row->past[i]->household), household);
    }
    return is;
}

/* Of a decision that is undone again and again the latest are remembered; a household of which
 * nothing is remembered leaves the index. */
static kith_err forget_oldest(const work_ctx_t *at, const kith_key_t *key,
                              Kith__Store__LinkRow *row)
{
    if (row->n_past < PAST_MAX) {
        return KITH_OK;
    }
    kith_bytes_t household = bytes_of(row->past[0]->household);
    row->past++;
    row->n_past--;
    kith_key_t index = index_of(household, key);
    return is_of(row, household) ? KITH_OK
                                 : kith_del(at->txn, AGENT_TABLE_LINKS_OF, kith_key_bytes(&index));
}

/* It stands no longer; the row's index stays, for whoever asks what was decided. */
static kith_err drop(const work_ctx_t *at, const kith_key_t *key, Kith__Store__LinkRow *row,
                     const char *user, const char *why)
{
    WORK_TRY(forget_oldest(at, key, row));
    Kith__Store__LinkPast **past = kith_arena_need(at->arena, (row->n_past + 1) * sizeof *past);
    for (size_t i = 0; i < row->n_past; i++) {
        past[i] = row->past[i];
    }
    Kith__Store__LinkPast *undone = kith_arena_need(at->arena, sizeof *undone);
    kith__store__link_past__init(undone);
    undone->household = row->household;
    undone->by = row->by;
    undone->at_ms = row->at_ms;
    undone->why = row->why;
    undone->undone_by = text_of(user);
    undone->undone_ms = at->now_ms;
    undone->undone_why = text_of(why);
    past[row->n_past++] = undone;
    row->past = past;
    row->household = (ProtobufCBinaryData){0};
    return view_put_link(at, kith_key_bytes(key), row);
}

static kith_err undo(const work_ctx_t *at, const Kith__Api__LinkRequest *ask,
                     Kith__Store__LinkRow *held, const char *user, work_refusal_t *refusal)
{
    bool other =
        held != NULL && ask->household.len > 0 && !same_id(held->household, ask->household);
    if (held == NULL || other) {
        return refuse(KITH_NOT_FOUND, "not-linked", "there is no such link to undo", refusal);
    }
    kith_key_t key = key_asked(ask);
    return drop(at, &key, held, user, ask->why);
}

static kith_err put(const work_ctx_t *at, const Kith__Api__LinkRequest *ask, const char *user)
{
    Kith__Store__LinkRow row = KITH__STORE__LINK_ROW__INIT, *held = NULL;
    kith_key_t key = key_asked(ask);
    WORK_TRY(view_find_link(at, kith_key_bytes(&key), &held));
    row.household = ask->household;
    row.by = text_of(user);
    row.at_ms = at->now_ms;
    row.why = ask->why;
    row.not_the_same = ask->not_the_same;
    row.n_past = held != NULL ? held->n_past : 0;
    row.past = held != NULL ? held->past : NULL;
    kith_key_t index = index_of(bytes_of(ask->household), &key);
    WORK_TRY(kith_put(at->txn, AGENT_TABLE_LINKS_OF, kith_key_bytes(&index), (kith_bytes_t){0}));
    return view_put_link(at, kith_key_bytes(&key), &row);
}

/* "Not the same" ends a link that says it is. */
static kith_err deny(const work_ctx_t *at, const Kith__Api__LinkRequest *ask,
                     Kith__Store__LinkRow *linked, const char *user)
{
    if (linked != NULL && same_id(linked->household, ask->household)) {
        kith_key_t key = key_of(ask->ref, (kith_bytes_t){0});
        WORK_TRY(drop(at, &key, linked, user, ask->why));
    }
    return put(at, ask, user);
}

static kith_err make(const work_ctx_t *at, const Kith__Api__LinkRequest *ask,
                     const Kith__Store__LinkRow *linked, const Kith__Store__LinkRow *denied,
                     const char *user, work_refusal_t *refusal)
{
    if (denied != NULL) {
        return refuse(KITH_CONFLICT, "not-the-same",
                      kith_arena_printf(at->arena,
                                        "%s said that it is not of this household: undo "
                                        "that first (kith household not-same --undo)",
                                        denied->by),
                      refusal);
    }
    if (linked != NULL && !same_id(linked->household, ask->household)) {
        return refuse(KITH_CONFLICT, "already-linked",
                      kith_arena_printf(at->arena,
                                        "%s linked it to another household: undo that "
                                        "first (kith household unlink)",
                                        linked->by),
                      refusal);
    }
    return put(at, ask, user);
}

static kith_err change(const work_ctx_t *at, const Kith__Api__LinkRequest *ask, const char *user,
                       work_refusal_t *refusal)
{
    Kith__Store__LinkRow *linked = NULL, *denied = NULL;
    WORK_TRY(find_standing(at, ask->ref, (kith_bytes_t){0}, &linked));
    if (ask->household.len > 0) {
        WORK_TRY(find_standing(at, ask->ref, bytes_of(ask->household), &denied));
    }
    if (ask->undo) {
        return undo(at, ask, ask->not_the_same ? denied : linked, user, refusal);
    }
    return ask->not_the_same ? deny(at, ask, linked, user)
                             : make(at, ask, linked, denied, user, refusal);
}

kith_err work_link(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__LinkRequest *ask, const char *user, int64_t now_ms,
                   Kith__Api__Link *ret_link, work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    WORK_TRY(check_ask(&at, ask, ret_refusal));
    WORK_TRY(change(&at, ask, user, ret_refusal));
    WORK_TRY(feed_refile(&at, ask->ref, user, ask->not_the_same && !ask->undo));
    kith__api__link__init(ret_link);
    ret_link->ref = ask->ref;
    ret_link->household = ask->household;
    ret_link->by = text_of(user);
    ret_link->at_ms = now_ms;
    ret_link->why = ask->why;
    ret_link->not_the_same = ask->not_the_same;
    return KITH_OK;
}

/* ---- what is linked, and was ---- */

static Kith__Api__Link *shown(const work_ctx_t *at, const kith_key_t *key, bool not_the_same)
{
    kith_key_reader_t reader = {kith_key_bytes(key)};
    Kith__Api__Link *link = kith_arena_need(at->arena, sizeof *link);
    kith__api__link__init(link);
    link->ref = kith_arena_need(at->arena, sizeof *link->ref);
    kith__reference__init(link->ref);
    link->ref->system = kith_arena_str(at->arena, kith_key_read_name(&reader));
    link->ref->id = kith_arena_str(at->arena, kith_key_read_name(&reader));
    link->not_the_same = not_the_same;
    return link;
}

static void add(Kith__Api__HouseholdView *view, Kith__Api__Link *link)
{
    if (view->n_links < KITH_FEED_PAGE_MAX) {
        view->links[view->n_links++] = link;
    }
}

static void add_row(const work_ctx_t *at, const kith_key_t *key, const Kith__Store__LinkRow *row,
                    kith_bytes_t household, Kith__Api__HouseholdView *view)
{
    for (size_t i = 0; i < row->n_past; i++) {
        const Kith__Store__LinkPast *past = row->past[i];
        if (!kith_bytes_equal(bytes_of(past->household), household)) {
            continue;
        }
        Kith__Api__Link *link = shown(at, key, row->not_the_same);
        link->household = past->household;
        link->by = past->by;
        link->at_ms = past->at_ms;
        link->why = past->why;
        link->undone_by = past->undone_by;
        link->undone_ms = past->undone_ms;
        link->undone_why = past->undone_why;
        add(view, link);
    }
    if (kith_bytes_equal(bytes_of(row->household), household)) {
        Kith__Api__Link *link = shown(at, key, row->not_the_same);
        link->household = row->household;
        link->by = row->by;
        link->at_ms = row->at_ms;
        link->why = row->why;
        add(view, link);
    }
}

kith_err link_list(const work_ctx_t *at, kith_bytes_t household, Kith__Api__HouseholdView *view)
{
    view->links = kith_arena_need(at->arena, KITH_FEED_PAGE_MAX * sizeof *view->links);
    view_walk_t walk = view_walk(AGENT_TABLE_LINKS_OF, household, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while (view->n_links < KITH_FEED_PAGE_MAX &&
           (err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        kith_key_t key;
        kith_key_clear(&key);
        kith_key_raw(&key, (kith_bytes_t){walk.place.data + household.size,
                                          walk.place.size - household.size});
        Kith__Store__LinkRow *row = NULL;
        WORK_TRY(view_find_link(at, kith_key_bytes(&key), &row));
        if (row == NULL) {
            return KITH_CORRUPT; /* both are written in one commit */
        }
        add_row(at, &key, row, household, view);
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}
