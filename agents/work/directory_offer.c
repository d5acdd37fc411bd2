/* What this agency offers: its own directory entry with one service or subject more, changed or
 * less. The entry travels whole, as a subscription's does. */
#include "agents/work/parts.h"

#include "base/text.h"

typedef struct offer {
    work_ctx_t at;
    const Kith__Api__OfferRequest *ask;
    Kith__Directory *entry; /* a copy of what is held, to change */
    work_refusal_t *refusal;
} offer_t;

static kith_err refuse(const offer_t *o, kith_err err, const char *rule, const char *what)
{
    *o->refusal = (work_refusal_t){.rule = rule, .what = what};
    return err;
}

static const char *or_held(const char *said, const char *held)
{
    return has_text(said) ? said : held;
}

/* What is left out stays as it is held. */
static void fill(Kith__Service *service, const Kith__Service *held)
{
    service->name = text_of(or_held(service->name, held->name));
    service->what = text_of(or_held(service->what, held->what));
    service->whom = text_of(or_held(service->whom, held->whom));
    service->not_whom = text_of(or_held(service->not_whom, held->not_whom));
    service->where = text_of(or_held(service->where, held->where));
    service->hours = text_of(or_held(service->hours, held->hours));
    if (service->n_needs == 0) {
        service->n_needs = held->n_needs;
        service->needs = held->needs;
    }
    if (!service->counted) {
        service->counted = held->counted;
        service->places = held->places;
        service->free = held->free;
    } else if (service->places == 0) {
        service->places = held->places;
    }
}

static kith_err change_service(const offer_t *o)
{
    Kith__Directory *entry = o->entry;
    Kith__Service *changed = kith_arena_need(o->at.arena, sizeof *changed);
    Kith__Service **services =
        kith_arena_need(o->at.arena, (entry->n_services + 1) * sizeof *services);
    size_t count = 0;
    bool held = false;
    *changed = *o->ask->service;
    for (size_t i = 0; i < entry->n_services; i++) {
        if (strcmp(entry->services[i]->id, changed->id) != 0) {
            services[count++] = entry->services[i];
            continue;
        }
        held = true;
        fill(changed, entry->services[i]);
        if (!o->ask->end) {
            services[count++] = changed;
        }
    }
    if (o->ask->end && !held) {
        return refuse(o, KITH_NOT_FOUND, "service-unknown",
                      kith_arena_printf(o->at.arena, "this agency offers no service %.48s",
                                        text_of(changed->id)));
    }
    if (!held) {
        services[count++] = changed;
    }
    changed->checked_ms = o->at.now_ms;
    entry->services = services;
    entry->n_services = count;
    return KITH_OK;
}

static kith_err change_knows(const offer_t *o)
{
    Kith__Directory *entry = o->entry;
    Kith__Knows **knows = kith_arena_need(o->at.arena, (entry->n_knows + 1) * sizeof *knows);
    size_t count = 0;
    bool held = false;
    for (size_t i = 0; i < entry->n_knows; i++) {
        bool is = strcmp(entry->knows[i]->subject, text_of(o->ask->knows->subject)) == 0;
        held = held || is;
        if (!is) {
            knows[count++] = entry->knows[i];
        }
    }
    if (o->ask->end && !held) {
        return refuse(o, KITH_NOT_FOUND, "subject-unknown",
                      "this agency does not say that it knows about that");
    }
    if (!o->ask->end) {
        knows[count++] = o->ask->knows;
    }
    entry->knows = knows;
    entry->n_knows = count;
    return KITH_OK;
}

static kith_err change(const offer_t *o)
{
    const Kith__Api__OfferRequest *ask = o->ask;
    bool reach = has_text(ask->phone) || has_text(ask->duty_role);
    if (ask->service == NULL && ask->knows == NULL && !reach) {
        return refuse(o, KITH_INVALID, "offer-nothing",
                      "say what is offered: a service, a subject, or how to be reached");
    }
    o->entry->phone = text_of(or_held(ask->phone, o->entry->phone));
    o->entry->duty_role = text_of(or_held(ask->duty_role, o->entry->duty_role));
    WORK_TRY(ask->service != NULL ? change_service(o) : KITH_OK);
    return ask->knows != NULL ? change_knows(o) : KITH_OK;
}

kith_err work_offer(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                    const Kith__Api__OfferRequest *ask, int64_t now_ms, Kith__Api__Draft *ret_draft,
                    work_refusal_t *ret_refusal)
{
    offer_t o = {
        .at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms},
        .ask = ask,
        .entry = kith_arena_need(arena, sizeof *o.entry),
        .refusal = ret_refusal,
    };
    Kith__Store__DirectoryRow *held = NULL;
    WORK_TRY(directory_entry(&o.at, self->agency, &held));
    kith__directory__init(o.entry);
    if (held != NULL && held->entry != NULL) {
        *o.entry = *held->entry;
    }
    WORK_TRY(change(&o));
    kith__api__draft__init(ret_draft);
    ret_draft->body_case = KITH__API__DRAFT__BODY_DIRECTORY;
    ret_draft->directory = o.entry;
    return KITH_OK;
}
