/* Directory: what an agency says of itself. The newest entry stands. The partnership says who may
 * subscribe to what; who does is each agency's own word, here. What it offers is changed by
 * directory_offer.c and found by directory_find.c. */
#include "agents/work/parts.h"

#include "base/text.h"

/* ---- the notice ---- */

static const work_refusal_t *check_services(const Kith__Directory *entry)
{
    static const work_refusal_t which = {
        "service-id", "a service has an id of its own, [a-z0-9] then [a-z0-9.-], each once"};
    static const work_refusal_t words = {"service-words", "a service says its name and what it is"};
    static const work_refusal_t places = {"service-places",
                                          "no more places are free than there are"};
    for (size_t i = 0; i < entry->n_services; i++) {
        const Kith__Service *service = entry->services[i];
        bool fits = kith_text_name(service->id);
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(service->id, entry->services[k]->id) != 0;
        }
        if (!fits) {
            return &which;
        }
        if (!has_text(service->name) || !has_text(service->what)) {
            return &words;
        }
        if (service->free > service->places) {
            return &places;
        }
    }
    return NULL;
}

static const work_refusal_t *check_knows(const Kith__Directory *entry)
{
    static const work_refusal_t refusal = {
        "knows", "say which subject, each once, and the role that knows: never a mailbox"};
    for (size_t i = 0; i < entry->n_knows; i++) {
        const Kith__Knows *knows = entry->knows[i];
        bool fits = has_text(knows->subject) && is_role(knows->role);
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(knows->subject, entry->knows[k]->subject) != 0;
        }
        if (!fits) {
            return &refusal;
        }
    }
    return NULL;
}

const work_refusal_t *directory_check(const Kith__Notice *notice)
{
    static const work_refusal_t when = {"directory-changed", "an entry says when it was made"};
    static const work_refusal_t pattern = {
        "pattern", "a subscription is a topic, the beginning of topics and `.*`, or `*`"};
    const Kith__Directory *entry = notice->directory;
    if (entry->changed_ms == 0) {
        return &when;
    }
    for (size_t i = 0; i < entry->n_subscriptions; i++) {
        if (!kith_pattern_valid(text_of(entry->subscriptions[i]->topic))) {
            return &pattern;
        }
    }
    const work_refusal_t *refusal = check_services(entry);
    return refusal != NULL ? refusal : check_knows(entry);
}

kith_err directory_entry(const work_ctx_t *at, const char *agency,
                         Kith__Store__DirectoryRow **ret_row)
{
    kith_key_t key = view_key_name(agency);
    return view_find_directory(at, kith_key_bytes(&key), ret_row);
}

static bool holds(const Kith__Store__DirectoryRow *row, const char *topic)
{
    for (size_t i = 0; row != NULL && row->entry != NULL && i < row->entry->n_subscriptions; i++) {
        if (strcmp(row->entry->subscriptions[i]->topic, topic) == 0) {
            return true;
        }
    }
    return false;
}

static kith_err refuse(kith_err err, const char *rule, const char *what, work_refusal_t *refusal)
{
    *refusal = (work_refusal_t){.rule = rule, .what = what};
    return err;
}

/* A pattern that covers no topic this agency may have is a mistake: nothing would ever come. */
static kith_err may_subscribe(const work_ctx_t *at, const char *pattern, work_refusal_t *refusal)
{
    const kith_agreement_t *agreement = at->work->agreement;
    if (!kith_pattern_valid(pattern)) {
        return refuse(KITH_INVALID, "pattern",
                      "a subscription is a topic, the beginning of topics and `.*`, or `*`",
                      refusal);
    }
    bool is_there = false;
    for (size_t i = 0; i < agreement->topics_count; i++) {
        const char *topic = agreement->topics[i].name;
        if (!kith_pattern_covers(pattern, topic)) {
            continue;
        }
        is_there = true;
        if (kith_agreement_may_subscribe(agreement, at->work->agency, topic)) {
            return KITH_OK;
        }
    }
    return is_there
               ? refuse(KITH_DENIED, "may-not-subscribe",
                        kith_arena_printf(at->arena,
                                          "the agreement does not let %s subscribe to %s: its "
                                          "`subscriptions` would have to list it",
                                          at->work->agency, pattern),
                        refusal)
               : refuse(KITH_NOT_FOUND, "topic-unknown",
                        kith_arena_printf(at->arena, "the partnership has no topic %s", pattern),
                        refusal);
}

/* What is held already may stay, also when the agreement has narrowed since. */
kith_err directory_prepare(work_draft_t *draft)
{
    Kith__Directory *entry = kith_arena_need(draft->at.arena, sizeof *entry);
    Kith__Store__DirectoryRow *held = NULL;
    *entry = *draft->notice->directory;
    draft->notice->directory = entry;
    draft->notice->household = (ProtobufCBinaryData){0};
    WORK_TRY(route_fixed(draft));
    WORK_TRY(directory_entry(&draft->at, draft->at.work->agency, &held));
    for (size_t i = 0; i < entry->n_subscriptions; i++) {
        const char *topic = text_of(entry->subscriptions[i]->topic);
        if (!holds(held, topic)) {
            WORK_TRY(may_subscribe(&draft->at, topic, draft->refusal));
        }
    }
    int64_t last_ms = held != NULL && held->entry != NULL ? held->entry->changed_ms : 0;
    entry->changed_ms = draft->at.now_ms > last_ms ? draft->at.now_ms : last_ms + 1;
    route_everyone(draft);
    return KITH_OK;
}

void directory_describe(work_case_t *c)
{
    c->row->summary = text_of("directory entry");
}

kith_err directory_apply(work_case_t *c)
{
    Kith__Store__DirectoryRow *held = NULL;
    WORK_TRY(directory_entry(&c->at, c->in->origin, &held));
    if (held != NULL && held->entry != NULL) {
        int64_t held_ms = held->entry->changed_ms, new_ms = c->notice->directory->changed_ms;
        bool is_later = new_ms != held_ms
                            ? new_ms > held_ms
                            : kith_bytes_compare(bytes_of(c->notice->id), bytes_of(held->by)) > 0;
        if (!is_later) {
            return KITH_OK;
        }
    }
    Kith__Store__DirectoryRow row = KITH__STORE__DIRECTORY_ROW__INIT;
    row.entry = c->notice->directory;
    row.by = c->notice->id;
    kith_key_t key = view_key_name(c->in->origin);
    return view_put_directory(&c->at, kith_key_bytes(&key), &row);
}

/* ---- one topic more or less ---- */

static Kith__Subscription *subscription(kith_arena_t *arena, const char *topic, int64_t now_ms)
{
    Kith__Subscription *one = kith_arena_need(arena, sizeof *one);
    kith__subscription__init(one);
    one->topic = text_of(topic);
    one->since_ms = now_ms;
    return one;
}

static Kith__Directory *changed_entry(const work_ctx_t *at, const Kith__Store__DirectoryRow *held,
                                      const Kith__Api__SubscribeRequest *ask)
{
    Kith__Directory *entry = kith_arena_need(at->arena, sizeof *entry);
    kith__directory__init(entry);
    if (held != NULL && held->entry != NULL) {
        *entry = *held->entry;
    }
    size_t count = entry->n_subscriptions;
    Kith__Subscription **topics = kith_arena_need(at->arena, (count + 1) * sizeof *topics);
    entry->n_subscriptions = 0;
    for (size_t i = 0; i < count; i++) {
        if (!ask->end || strcmp(entry->subscriptions[i]->topic, ask->topic) != 0) {
            topics[entry->n_subscriptions++] = entry->subscriptions[i];
        }
    }
    if (!ask->end && !holds(held, ask->topic)) {
        topics[entry->n_subscriptions++] = subscription(at->arena, ask->topic, at->now_ms);
    }
    entry->subscriptions = topics;
    return entry;
}

kith_err work_subscribe(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                        const Kith__Api__SubscribeRequest *ask, int64_t now_ms,
                        Kith__Api__Draft *ret_draft, work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__DirectoryRow *held = NULL;
    WORK_TRY(directory_entry(&at, self->agency, &held));
    if (!ask->end) {
        WORK_TRY(may_subscribe(&at, ask->topic, ret_refusal));
    } else if (!holds(held, ask->topic)) {
        return refuse(KITH_NOT_FOUND, "not-subscribed",
                      "this agency has no such subscription to end", ret_refusal);
    }
    kith__api__draft__init(ret_draft);
    ret_draft->body_case = KITH__API__DRAFT__BODY_DIRECTORY;
    ret_draft->directory = changed_entry(&at, held, ask);
    return KITH_OK;
}
