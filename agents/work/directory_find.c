/* Who can help with a need, and who knows about it: by what agencies say of themselves. And the
 * warning before a referral to a service that is full, or that nobody has looked at for long. */
#include "agents/work/parts.h"

#include "base/text.h"

#define WORD_MAX  48u
#define WORDS_MAX 8u

/* ---- words ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does the text begin so, whatever the case? */
static bool begins(const char *text, const char *word)
{
    for (; *word != '\0'; text++, word++) {
        if (lower(*text) != lower(*word)) {
            return false;
        }
    }
    return true;
}

static bool holds(const char *text, const char *word)
{
    for (const char *c = text_of(text); *c != '\0'; c++) {
        if (begins(c, word)) {
            return true;
        }
    }
    return false;
}

static bool same(const char *text, const char *word)
{
    return strlen(text_of(text)) == strlen(word) && begins(text_of(text), word);
}

typedef struct words {
    size_t count;
    char text[WORDS_MAX][WORD_MAX + 1];
} words_t;

/* Of what is too long, or too much, only the beginning counts. */
static void split(const char *need, words_t *words)
{
    size_t size = 0;
    for (; *need != '\0' && words->count < WORDS_MAX; need++) {
        bool between = *need == ' ' || *need == ',' || *need == '\t';
        if (!between && size < WORD_MAX) {
            words->text[words->count][size++] = *need;
        } else if (between && size > 0) {
            words->count++;
            size = 0;
        }
    }
    words->count += size > 0 ? 1 : 0;
}

/* ---- how well it fits ---- */

/* A code that is listed, before the name, before any other word. */
static unsigned fit_of_service(const Kith__Service *service, const char *word)
{
    for (size_t i = 0; i < service->n_needs; i++) {
        if (same(service->needs[i], word)) {
            return 4;
        }
    }
    if (same(service->id, word) || holds(service->name, word)) {
        return 3;
    }
    bool said = holds(service->what, word) || holds(service->whom, word);
    for (size_t i = 0; i < service->n_needs; i++) {
        said = said || holds(service->needs[i], word);
    }
    return said ? 2 : holds(service->where, word) ? 1 : 0;
}

static unsigned fit_of_knows(const Kith__Knows *knows, const char *word)
{
    return same(knows->subject, word) ? 4 : holds(knows->subject, word) ? 2 : 0;
}

/* Every word is found, each where it fits best. 0: one is not. */
static unsigned fit(const words_t *words, const Kith__Api__Found *found)
{
    unsigned all = 0;
    for (size_t i = 0; i < words->count; i++) {
        unsigned one = found->service != NULL ? fit_of_service(found->service, words->text[i])
                                              : fit_of_knows(found->knows, words->text[i]);
        if (one == 0) {
            return 0;
        }
        all += one;
    }
    return all;
}

/* ---- finding ---- */

#define FOUND_MAX 100u

typedef struct search {
    work_ctx_t at;
    words_t words;
    Kith__Api__FindResponse *ret;
    unsigned *fits; /* of each found */
} search_t;

static bool is_full(const Kith__Service *service)
{
    return service->counted && service->free == 0;
}

static bool is_stale(const work_ctx_t *at, const Kith__Service *service)
{
    int64_t after_ms = at->work->agreement->stale_after_ms;
    return after_ms != 0 && at->now_ms - service->checked_ms > after_ms;
}

static bool may_refer(const work_ctx_t *at, const char *agency)
{
    const kith_agreement_t *agreement = at->work->agreement;
    for (size_t i = 0; i < agreement->topics_count; i++) {
        const kith_topic_t *topic = &agreement->topics[i];
        if (topic->type == KITH__NOTICE__BODY_REFERRAL) {
            return !is_self(at, agency) &&
                   kith_agreement_permits(agreement, at->work->agency, agency, topic->topic_class);
        }
    }
    return false;
}

/* Of two that fit as well, the one that can be had now, then the one we may refer to. */
static bool comes_before(unsigned a_fit, const Kith__Api__Found *a, unsigned b_fit,
                         const Kith__Api__Found *b)
{
    bool a_held_up = a->full || a->stale, b_held_up = b->full || b->stale;
    if (a_fit != b_fit) {
        return a_fit > b_fit;
    }
    return a_held_up != b_held_up ? b_held_up : a->may_refer && !b->may_refer;
}

static void place(search_t *s, Kith__Api__Found *found)
{
    unsigned its = fit(&s->words, found);
    size_t i = s->ret->n_found;
    if (its == 0) {
        return;
    }
    s->ret->more = i == FOUND_MAX;
    i -= i == FOUND_MAX ? 1 : 0; /* the last gives way */
    if (s->ret->more && !comes_before(its, found, s->fits[i], s->ret->found[i])) {
        return;
    }
    for (; i > 0 && comes_before(its, found, s->fits[i - 1], s->ret->found[i - 1]); i--) {
        s->ret->found[i] = s->ret->found[i - 1];
        s->fits[i] = s->fits[i - 1];
    }
    s->ret->found[i] = found;
    s->fits[i] = its;
    s->ret->n_found += s->ret->more ? 0 : 1;
}

static Kith__Api__Found *found_at(const search_t *s, const kith_agency_t *agency,
                                  const Kith__Directory *entry)
{
    Kith__Api__Found *found = kith_arena_need(s->at.arena, sizeof *found);
    kith__api__found__init(found);
    found->agency = text_of(agency->id);
    found->phone = text_of(has_text(entry->phone) ? entry->phone : agency->phone);
    found->may_refer = may_refer(&s->at, agency->id);
    return found;
}

static kith_err look_at(search_t *s, const kith_agency_t *agency)
{
    Kith__Store__DirectoryRow *row = NULL;
    WORK_TRY(directory_entry(&s->at, agency->id, &row));
    const Kith__Directory *entry = row != NULL ? row->entry : NULL;
    for (size_t i = 0; entry != NULL && i < entry->n_services; i++) {
        Kith__Api__Found *found = found_at(s, agency, entry);
        found->service = entry->services[i];
        found->full = is_full(found->service);
        found->stale = is_stale(&s->at, found->service);
        place(s, found);
    }
    for (size_t i = 0; entry != NULL && i < entry->n_knows; i++) {
        Kith__Api__Found *found = found_at(s, agency, entry);
        found->knows = entry->knows[i];
        place(s, found);
    }
    return KITH_OK;
}

kith_err work_find(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__FindRequest *ask, int64_t now_ms, Kith__Api__FindResponse *ret,
                   work_refusal_t *ret_refusal)
{
    search_t s = {
        .at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms},
        .ret = ret,
        .fits = kith_arena_need(arena, FOUND_MAX * sizeof *s.fits),
    };
    ret->found = kith_arena_need(arena, FOUND_MAX * sizeof *ret->found);
    split(text_of(ask->need), &s.words);
    if (s.words.count == 0) {
        *ret_refusal =
            (work_refusal_t){"need-missing", "say the need: a code, or words: parenting, debt …"};
        return KITH_INVALID;
    }
    for (size_t i = 0; i < self->agreement->agencies_count; i++) {
        const kith_agency_t *agency = &self->agreement->agencies[i];
        WORK_TRY(agency->left ? KITH_OK : look_at(&s, agency));
    }
    return KITH_OK;
}

/* ---- the warning before a referral ---- */

static kith_err find_service(const work_ctx_t *at, const char *agency, const char *id,
                             const Kith__Service **ret_service)
{
    Kith__Store__DirectoryRow *row = NULL;
    WORK_TRY(directory_entry(at, agency, &row));
    *ret_service = NULL;
    for (size_t i = 0; row != NULL && row->entry != NULL && i < row->entry->n_services; i++) {
        if (strcmp(row->entry->services[i]->id, id) == 0) {
            *ret_service = row->entry->services[i];
        }
    }
    return KITH_OK;
}

/* A role of somebody it is about, or its need, that the service says it is not for. NULL: none. */
static const char *not_for(const Kith__Service *service, const Kith__Referral *referral)
{
    if (has_text(referral->need_code) && holds(service->not_whom, referral->need_code)) {
        return referral->need_code;
    }
    for (size_t i = 0; i < referral->n_about; i++) {
        const char *role = referral->about[i]->role;
        if (has_text(role) && holds(service->not_whom, role)) {
            return role;
        }
    }
    return NULL;
}

static kith_err warn(work_draft_t *draft, const char *rule, const char *what)
{
    if (draft_despite(draft, rule)) {
        return KITH_OK;
    }
    return draft_refuse(draft, KITH_CONFLICT, rule,
                        kith_arena_printf(draft->at.arena,
                                          "%s; kith find says who else can help, and with "
                                          "--despite %s it is sent all the same",
                                          what, rule));
}

kith_err directory_warns(work_draft_t *draft, const char *agency, const Kith__Referral *referral)
{
    kith_arena_t *arena = draft->at.arena;
    const Kith__Service *service = NULL;
    WORK_TRY(find_service(&draft->at, agency, text_of(referral->service), &service));
    if (service == NULL) { /* not of the directory: a service in words */
        return KITH_OK;
    }
    const char *left_out = not_for(service, referral);
    if (is_full(service)) {
        WORK_TRY(warn(draft, "service-full",
                      kith_arena_printf(arena, "%s of %s has no place free of %u", service->id,
                                        agency, service->places)));
    }
    if (is_stale(&draft->at, service)) {
        char when[KITH_TIME_TEXT_SIZE];
        kith_time_text(service->checked_ms, when);
        WORK_TRY(warn(draft, "service-stale",
                      kith_arena_printf(arena, "nobody at %s has looked at %s since %s", agency,
                                        service->id, when)));
    }
    return left_out == NULL ? KITH_OK
                            : warn(draft, "service-not-whom",
                                   kith_arena_printf(arena, "%s of %s is not for: %s", service->id,
                                                     agency, service->not_whom));
}
