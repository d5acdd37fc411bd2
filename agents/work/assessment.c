/* Assessment: one of a household, to which each agency asked adds its own signed part. What its
 * steps come to is in assessment_life.c. */
#include "agents/work/parts.h"

#include "base/id.h"
#include "base/text.h"

#define STEP(name)  KITH__ASSESSMENT_STEP__ASSESSMENT_##name
#define RULE_EXISTS "assessment-exists"

/* ---- is it one ---- */

static const work_refusal_t *check_names(size_t count, char *const *names)
{
    static const work_refusal_t each = {"assessment-asked",
                                        "an assessment names agencies, each once"};
    for (size_t i = 0; i < count; i++) {
        bool fits = kith_text_name(names[i]);
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(names[i], names[k]) != 0;
        }
        if (!fits) {
            return &each;
        }
    }
    return NULL;
}

static const work_refusal_t *check_request(const Kith__Notice *notice)
{
    static const work_refusal_t household = {"household-missing",
                                             "an assessment names its household"};
    static const work_refusal_t kind = {"assessment-kind",
                                        "say which kind, as early-help: [a-z0-9] then [a-z0-9.-]"};
    static const work_refusal_t reason = {"assessment-reason", "say why it is asked for"};
    static const work_refusal_t nobody = {"assessment-asked", "it asks at least one agency"};
    const Kith__Assessment *said = notice->assessment;
    if (notice->household.len == 0) {
        return &household;
    }
    if (!kith_text_name(said->kind)) {
        return &kind;
    }
    if (!has_text(said->reason)) {
        return &reason;
    }
    if (said->n_asked == 0) {
        return &nobody;
    }
    const work_refusal_t *refusal = check_names(said->n_asked, said->asked);
    return refusal != NULL ? refusal : check_names(said->n_told, said->told);
}

static const work_refusal_t *check_step(const Kith__Assessment *said)
{
    static const work_refusal_t when = {"assessment-changed", "a step says when it was made"};
    static const work_refusal_t text = {"assessment-text", "a contribution says something"};
    static const work_refusal_t section = {
        "assessment-section", "a section is a code, as health: [a-z0-9] then [a-z0-9.-]"};
    static const work_refusal_t end = {
        "assessment-summary", "completing takes a summary, and what the family itself says to it"};
    static const work_refusal_t why = {"assessment-reason", "say why it is withdrawn"};
    if (said->changed_ms == 0) {
        return &when;
    }
    switch ((int)said->step) {
    case STEP(CONTRIBUTED):
        if (has_text(said->section) && !kith_text_name(said->section)) {
            return &section;
        }
        return has_text(said->text) ? NULL : &text;
    case STEP(COMPLETED):
        return has_text(said->text) && has_text(said->family_view) ? NULL : &end;
    case STEP(WITHDRAWN):
        return has_text(said->reason) ? NULL : &why;
    default:
        return NULL;
    }
}

static const work_refusal_t no_step = {
    "assessment-step", "say what it is: requested, contributed, completed or withdrawn"};

const work_refusal_t *assessment_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"assessment-missing",
                                         "a step names the assessment it belongs to"};
    const Kith__Assessment *said = notice->assessment;
    if (said->step == STEP(UNSPECIFIED)) {
        return &no_step;
    }
    if (said->step == STEP(REQUESTED)) {
        return check_request(notice);
    }
    return said->assessment.len == 0 ? &which : check_step(said);
}

/* ---- asking for one ---- */

static bool goes_on_despite(const work_draft_t *draft, const char *rule)
{
    for (size_t i = 0; i < draft->asked->n_despite; i++) {
        if (strcmp(draft->asked->despite[i], rule) == 0) {
            return true;
        }
    }
    return false;
}

/* A new request is first answered with the one that exists. */
static kith_err answer_with_existing(work_draft_t *draft)
{
    kith_arena_t *arena = draft->at.arena;
    kith_bytes_t id = {0};
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_existing(&draft->at, bytes_of(draft->notice->household), &id, &row));
    if (row == NULL) {
        return KITH_OK;
    }
    if (goes_on_despite(draft, RULE_EXISTS)) {
        draft_caused_by(draft, binary_of(id));
        return KITH_OK;
    }
    kith_err err = KITH_OK;
    bool is_here = view_has(&draft->at, AGENT_TABLE_NOTICES, id, &err);
    WORK_TRY(err);
    char text[KITH_ID_TEXT_SIZE], when[KITH_TIME_TEXT_SIZE];
    kith_id_text(id, text);
    const char *how = is_here
                          ? kith_arena_printf(arena, "read it with `kith assessment show %s`", text)
                          : kith_arena_printf(arena,
                                              "it is of before this agency joined the team: ask %s "
                                              "for %s",
                                              row->from, text);
    bool is_open = assessment_state(row) == STEP(REQUESTED);
    kith_time_text(is_open ? row->requested_ms : row->ended_ms, when);
    return draft_refuse(
        draft, KITH_CONFLICT, RULE_EXISTS,
        kith_arena_printf(arena,
                          "%s has one (%s), %s since %.10s: %s; if it does not serve, ask with "
                          "`--despite " RULE_EXISTS "` and say in the reason why",
                          row->from, row->kind, is_open ? "open" : "completed", when, how));
}

/* Those named, else the team; the rest of the team and the lead hear of it. */
static kith_err route_request(work_draft_t *draft, Kith__Assessment *said,
                              const Kith__Store__HouseholdRow *household)
{
    work_route_t *route = &draft->route;
    bool named = draft->asked->n_to > 0 || said->n_asked > 0;
    WORK_TRY(route_named(draft));
    for (size_t i = 0; i < said->n_asked; i++) {
        WORK_TRY(route_name(draft, said->asked[i]));
    }
    if (!named) {
        route_household(draft, household);
    }
    size_t asked = route->count;
    route_household(draft, household);
    char **all = kith_arena_need(draft->at.arena, (route->count + 1) * sizeof *all);
    for (size_t i = 0; i < route->count; i++) {
        all[i] = text_of(route->agencies[i]);
    }
    said->n_asked = asked;
    said->asked = all;
    said->n_told = route->count - asked;
    said->told = all + asked;
    return asked > 0 ? KITH_OK
                     : draft_refuse(draft, KITH_DENIED, "nobody-to-ask",
                                    "there is nobody else whom the agreement lets this agency "
                                    "ask: name them, or seat them in the household's team");
}

static kith_err prepare_request(work_draft_t *draft, Kith__Assessment *said)
{
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(route_in_team(draft, &household));
    WORK_TRY(answer_with_existing(draft));
    if (said->due_ms != 0 && said->due_ms <= draft->at.now_ms) {
        return draft_refuse(draft, KITH_INVALID, "due-past",
                            "the time it is due by is over: give a later one");
    }
    if (said->due_ms == 0) {
        said->due_ms = kith_agreement_due(draft->at.work->agreement, "assessment",
                                          draft->at.work->agency, draft->at.now_ms);
    }
    said->changed_ms = draft->at.now_ms;
    return route_request(draft, said, household);
}

/* ---- its further steps ---- */

static const char *names_of(kith_arena_t *arena, size_t count, char *const *names)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++) {
        all = kith_arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
    }
    return all;
}

static kith_err may_step(work_draft_t *draft, const Kith__Store__AssessmentRow *row,
                         Kith__AssessmentStep step)
{
    kith_arena_t *arena = draft->at.arena;
    if (row == NULL || !has_text(row->from)) {
        return draft_refuse(draft, KITH_NOT_FOUND, "assessment-unknown",
                            "no such assessment has come to this agency");
    }
    if (is_self(&draft->at, row->from)) {
        return KITH_OK;
    }
    if (assessment_step_is_askers(step)) {
        return draft_refuse(
            draft, KITH_DENIED, "assessment-not-yours",
            kith_arena_printf(arena, "only %s, who asked for it, says this", row->from));
    }
    return assessment_asks(row, draft->at.work->agency)
               ? KITH_OK
               : draft_refuse(draft, KITH_DENIED, "assessment-not-asked",
                              kith_arena_printf(
                                  arena,
                                  "this assessment of %s asks %s: only they, and "
                                  "%s, contribute",
                                  row->from, names_of(arena, row->n_asked, row->asked), row->from));
}

static kith_err fits_state(work_draft_t *draft, const Kith__Store__AssessmentRow *row,
                           Kith__AssessmentStep step)
{
    Kith__AssessmentStep state = assessment_state(row);
    if (assessment_next(step, state) == STEP(UNSPECIFIED)) {
        return draft_refuse(
            draft, KITH_CONFLICT, "assessment-step",
            kith_arena_printf(draft->at.arena,
                              "it is %s, which is final: `kith assessment request` asks for a "
                              "new one",
                              assessment_state_word(state)));
    }
    if (step == STEP(CONTRIBUTED) &&
        assessment_parts(row, draft->at.work->agency) >= ASSESSMENT_PARTS_MAX) {
        return draft_refuse(draft, KITH_CONFLICT, "assessment-parts",
                            "an agency contributes at most 16 parts to an assessment");
    }
    return KITH_OK;
}

/* Who asked, the lead and the team; an end also reaches all who were asked. */
static kith_err route_step(work_draft_t *draft, const Kith__Store__AssessmentRow *row, bool ends)
{
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(route_name(draft, row->from));
    for (size_t i = 0; i < row->n_told; i++) {
        route_derive(draft, row->told[i]);
    }
    for (size_t i = 0; ends && i < row->n_asked; i++) {
        route_derive(draft, row->asked[i]);
    }
    WORK_TRY(household_find(&draft->at, bytes_of(row->household), &household));
    if (household != NULL) {
        route_household(draft, household);
    }
    draft->alone = true; /* of its own assessment, when all others have left */
    return KITH_OK;
}

static kith_err prepare_step(work_draft_t *draft, Kith__Assessment *said)
{
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(&draft->at, said->assessment, &row));
    WORK_TRY(may_step(draft, row, said->step));
    WORK_TRY(fits_state(draft, row, said->step));
    int64_t latest_ms = assessment_latest_ms(row);
    said->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    draft->notice->household = row->household;
    draft_caused_by(draft, said->assessment);
    return route_step(draft, row, assessment_step_is_askers(said->step));
}

kith_err assessment_prepare(work_draft_t *draft)
{
    Kith__Assessment *said = kith_arena_need(draft->at.arena, sizeof *said);
    *said = *draft->notice->assessment;
    said->n_told = 0;
    draft->notice->assessment = said;
    if (said->step == STEP(REQUESTED)) {
        return prepare_request(draft, said);
    }
    WORK_TRY(route_fixed(draft));
    if (said->step < STEP(CONTRIBUTED) || said->step > STEP(WITHDRAWN)) {
        return draft_refuse(draft, KITH_INVALID, no_step.rule, no_step.what);
    }
    return prepare_step(draft, said);
}

/* ---- into the view ---- */

void assessment_describe(work_case_t *c)
{
    const Kith__Assessment *said = c->notice->assessment;
    line_t line = {0};
    line_add(&line, "assessment ");
    line_add(&line, word_of(c->at.arena, &kith__assessment_step__descriptor, "ASSESSMENT_",
                            (int)said->step));
    const char *code = has_text(said->kind) ? said->kind : said->section;
    line_add(&line, has_text(code) ? ": " : "");
    line_add(&line, code);
    c->row->summary = line_text(c->at.arena, &line);
}

static kith_err apply_request(work_case_t *c)
{
    const Kith__Assessment *said = c->notice->assessment;
    kith_bytes_t id = bytes_of(c->notice->id);
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(&c->at, c->notice->id, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__assessment_row__init(row);
    }
    row->from = text_of(c->in->origin);
    row->household = c->notice->household;
    row->kind = said->kind;
    row->reason = said->reason;
    row->n_asked = said->n_asked;
    row->asked = said->asked;
    row->n_told = said->n_told;
    row->told = said->told;
    row->requested_ms = c->notice->created_ms;
    row->due_ms = said->due_ms;
    WORK_TRY(assessment_index(&c->at, bytes_of(row->household), id));
    return assessment_settle(&c->at, id, row, c->notice->author);
}

kith_err assessment_apply(work_case_t *c)
{
    if (c->notice->assessment->step == STEP(REQUESTED)) {
        return apply_request(c);
    }
    bool stands = false;
    WORK_TRY(assessment_take(c, &stands));
    c->row->not_asked = !stands; /* shown, and nothing more */
    return KITH_OK;
}
