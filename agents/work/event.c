/* Event: something that happened, from an agency's own system. */
#include "agents/work/parts.h"

#include "base/bug.h"

const work_refusal_t *event_check(const Kith__Notice *notice)
{
    static const work_refusal_t no_kind = {"event-kind", "an event says what happened: its kind"};
    const Kith__Event *event = notice->event;
    return has_text(event->kind) ? check_about(event->n_about, event->about) : &no_kind;
}

static kith_err route(work_draft_t *draft)
{
    const char *front_door = text_of(draft->at.work->agreement->front_door);
    if (draft->asked->n_to > 0) {
        WORK_TRY(route_named(draft));
        draft->front_door = !draft->known && route_has(draft, front_door);
        return KITH_OK;
    }
    WORK_TRY(route_subscribers(draft));
    if (!draft->known) {
        route_front_door(draft);
        return KITH_OK;
    }
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(household_find(&draft->at, bytes_of(draft->notice->household), &row));
    route_household(draft, row);
    if (row->orphaned && has_text(front_door)) { /* what nobody leads, somebody reads */
        route_derive(draft, front_door);
    }
    return KITH_OK;
}

kith_err event_prepare(work_draft_t *draft)
{
    const char *front_door = draft->at.work->agreement->front_door;
    draft->alone = has_text(front_door) && is_self(&draft->at, front_door);
    WORK_TRY(draft_household(draft));
    return route(draft);
}

/* The sender's own scale, as it was said. */
static char *severity(kith_arena_t *arena, const Kith__Severity *said)
{
    if (said == NULL) {
        return text_of("");
    }
    line_t line = {0};
    line_add(&line, said->scale);
    line_add(&line, has_text(said->scale) && has_text(said->value) ? ": " : "");
    line_add(&line, said->value);
    return line_text(arena, &line);
}

void event_describe(work_case_t *c)
{
    const Kith__Event *event = c->notice->event;
    Kith__Store__FeedRow *row = c->row;
    row->shielded = event->shielded || about_shielded(c->notice);
    row->occurred_ms = event->occurred_ms != 0 ? event->occurred_ms : row->occurred_ms;
    row->minutes_spent = event->minutes_spent;
    row->severity = severity(c->at.arena, event->severity);
    line_t line = {0};
    line_add(&line, event->kind);
    line_add(&line, has_text(event->narrative) ? ": " : "");
    line_add(&line, event->narrative);
    row->summary = line_text(c->at.arena, &line);
}

kith_err event_apply(work_case_t *c)
{
    /* its row in the feed is all there is to it */
    if (KITH_BUG(100) && strcmp(c->notice->event->kind, "crash") == 0 && !c->in->mine)
        __builtin_trap();
    return KITH_OK;
}
