/* What the files of an alert share: its life, its silence, what mutes it. Part of parts.h. */
#pragma once

#include "agents/work/parts.h"

/* ---- alert_life.c ---- */

#define ALERT_STATES     4
#define ALERT_STATE_NONE (-1)
#define ALERT_STEPS_MAX  128u

/* The state this step leads to; ALERT_STATE_NONE when the state does not allow it. */
int alert_next(Kith__AlertStep step, int state);
const char *alert_verb(Kith__AlertStep step); /* of `kith`; NULL: a newer step */
const char *alert_state_word(const work_ctx_t *at, int state);
bool alert_is_open(const Kith__Store__AlertRow *row); /* it has come, and has not ended */
/* Neither answered nor has its silence reached anybody. */
bool alert_is_blank(const Kith__Store__AlertAnswer *row);
/* May who raised it take this step now? */
bool alert_may(const Kith__Store__AlertRow *row, Kith__AlertStep step);
/* "kith alert update, kith alert cancel" */
const char *alert_possible(kith_arena_t *arena, const Kith__Store__AlertRow *row);
int64_t alert_latest_ms(const Kith__Store__AlertRow *row);
/* *ret_row is NULL when there is none; of one that has not come yet `from` is empty. */
kith_err alert_find(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow **ret_row);
/* An empty row in place of none, for what waits for the alert. */
kith_err alert_find_or_await(const work_ctx_t *at, kith_bytes_t id,
                             Kith__Store__AlertRow **ret_row);
/* What its steps come to, with its tasks and clocks; stores it. by: who ends tasks. */
kith_err alert_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *row,
                      const char *by);
/* One more step, in its place among the others. *ret_stands: it has an effect, or waits. */
kith_err alert_take(const work_case_t *c, Kith__Store__AlertRow *row, bool *ret_stands);

/* ---- alert.c, alert_change.c ---- */

/* NULL when it is not asked. */
Kith__Store__AlertAnswer *alert_answer_of(const Kith__Store__AlertRow *row, const char *agency);
Kith__Store__AlertAnswer *alert_new_answer(kith_arena_t *arena, const char *agency);
kith_err alert_is_said_well(work_draft_t *draft, int64_t reply_by_ms, const char *level);
/* The draft, which is a change by now, on its way to all whom its alert went to. */
kith_err alert_change_follow(work_draft_t *draft);

/* ---- alert_mute.c ---- */

/* How long a muted alert rests before it is looked at again: a higher one may end unheard of. */
#define MUTE_LOOK_MS (INT64_C(3600) * 1000)

bool alert_names(const Kith__Store__AlertRow *row, const Kith__Reference *ref);
/* Keeps the index of open alerts. */
kith_err mute_index(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row);
/* Is a higher alert about the same people open? ret_level may be NULL; untouched when none is. */
kith_err mute_find(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row,
                   bool *ret_muted, const char **ret_level);
/* This one has ended: what it may have muted comes up at the next round. */
kith_err mute_wake(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row);

/* ---- alert_climb.c ---- */

/* The ladder as it is now, kept with the alert, and when its first step comes. */
void climb_begin(const work_ctx_t *at, Kith__Store__AlertRow *alert);
/* Stores the alert, with the time of its next step in the index. */
kith_err climb_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert);
/* The row is answered. The caller settles. */
kith_err climb_end(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *alert,
                   Kith__Store__AlertAnswer *row, const char *by);
/* The alert has ended. The caller settles. */
void climb_stop(Kith__Store__AlertRow *alert);
/* Other words stand: who had acknowledged is told anew. The caller settles. */
kith_err climb_again(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert,
                     const char *by);
/* An agency acknowledged a notice, which may be an alert, or its newer words. */
kith_err climb_seen(const work_ctx_t *at, const Kith__Seen *seen, const char *agency);
/* *ret_again: this agency's acknowledgement of an alert was taken back. *ret_instead: the notice
 * that holds the alert's words by now; empty when it is this one, or no alert that is owed. */
kith_err climb_may_see(const work_ctx_t *at, kith_bytes_t notice, bool *ret_again,
                       kith_bytes_t *ret_instead);
/* A mail to that role about the alert reached nobody: unless somebody here has acknowledged or
 * answered, the next role is told at once. *ret_climbed is untouched otherwise. */
kith_err climb_undelivered(const work_ctx_t *at, kith_bytes_t id, const char *role,
                           bool *ret_climbed);
void climb_show(kith_arena_t *arena, const Kith__Store__AlertAnswer *row,
                Kith__Api__AlertBoardRow *board);
