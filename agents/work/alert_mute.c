/* A higher alert mutes the telling of lower ones: while it is open, the silence of a lower one
 * about the same people is not told. An answer is owed all the same, and what others are about is
 * told.
 *
 * An alert that names nobody is about the whole household. A lower one is muted when all whom it
 * names are named by the higher one, or that is about the whole household. Nothing of it is stored:
 * when something is due, it is looked whether a higher one is open, and while one is, it is looked
 * again; when that one ends, those it may have muted come up at the next round. */
#include "agents/work/parts.h"

bool alert_names(const Kith__Store__AlertRow *row, const Kith__Reference *ref)
{
    for (size_t i = 0; i < row->n_about; i++) {
        if (strcmp(row->about[i]->system, ref->system) == 0 &&
            strcmp(row->about[i]->id, ref->id) == 0) {
            return true;
        }
    }
    return false;
}

static bool mutes(const work_ctx_t *at, const Kith__Store__AlertRow *higher,
                  const Kith__Store__AlertRow *lower)
{
    const kith_agreement_t *agreement = at->work->agreement;
    int rank = kith_agreement_alert_level(agreement, lower->level);
    if (rank < 0 || kith_agreement_alert_level(agreement, higher->level) <= rank) {
        return false;
    }
    if (higher->n_about == 0) {
        return same_id(higher->household, lower->household);
    }
    for (size_t i = 0; i < lower->n_about; i++) {
        if (!alert_names(higher, lower->about[i])) {
            return false;
        }
    }
    return lower->n_about > 0;
}

/* ---- open alerts by what they are about ---- */

/* Where it stands in the index: under its household, then under each person. */
static kith_key_t place_of(const Kith__Store__AlertRow *row, size_t i)
{
    kith_key_t key;
    kith_key_clear(&key);
    if (i == 0) {
        kith_key_raw(&key, bytes_of(row->household));
    } else {
        kith_key_name(&key, row->about[i - 1]->system);
        kith_key_name(&key, row->about[i - 1]->id);
    }
    return key;
}

kith_err mute_index(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row)
{
    for (size_t i = 0; i <= row->n_about; i++) {
        kith_key_t key = place_of(row, i);
        kith_key_raw(&key, id);
        kith_err err = alert_is_open(row) && has_text(row->level)
                           ? kith_put(at->txn, AGENT_TABLE_ALERTS_OPEN, kith_key_bytes(&key),
                                      (kith_bytes_t){0})
                           : kith_del(at->txn, AGENT_TABLE_ALERTS_OPEN, kith_key_bytes(&key));
        if (err != KITH_OK && err != KITH_NOT_FOUND) {
            return err;
        }
    }
    return KITH_OK;
}

/* The other open alerts at this one's places; at several, several times. */
typedef struct neighbours {
    const Kith__Store__AlertRow *of;
    kith_bytes_t id;
    size_t place;
    view_walk_t walk;
} neighbours_t;

static neighbours_t neighbours(kith_bytes_t id, const Kith__Store__AlertRow *of)
{
    kith_key_t key = place_of(of, 0);
    return (neighbours_t){
        .of = of,
        .id = id,
        .walk = view_walk(AGENT_TABLE_ALERTS_OPEN, kith_key_bytes(&key), (kith_bytes_t){0})};
}

/* KITH_NOT_FOUND at the end. */
static kith_err next(const work_ctx_t *at, neighbours_t *self, kith_bytes_t *ret_id,
                     Kith__Store__AlertRow **ret_row)
{
    kith_bytes_t nothing;
    for (;;) {
        kith_err err = view_walk_next(at, &self->walk, &nothing);
        if (err == KITH_NOT_FOUND && self->place < self->of->n_about) {
            kith_key_t key = place_of(self->of, ++self->place);
            self->walk =
                view_walk(AGENT_TABLE_ALERTS_OPEN, kith_key_bytes(&key), (kith_bytes_t){0});
            continue;
        }
        WORK_TRY(err);
        kith_bytes_t place = kith_key_bytes(&self->walk.place);
        kith_bytes_t id = {place.data + place.size - KITH_ID_BYTES, KITH_ID_BYTES};
        if (kith_bytes_equal(id, self->id)) {
            continue;
        }
        *ret_id = kith_arena_copy(at->arena, id);
        WORK_TRY(alert_find(at, *ret_id, ret_row));
        return *ret_row != NULL ? KITH_OK : KITH_CORRUPT; /* both are written in one commit */
    }
}

kith_err mute_find(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row,
                   bool *ret_muted, const char **ret_level)
{
    neighbours_t around = neighbours(id, row);
    kith_bytes_t other_id;
    Kith__Store__AlertRow *other = NULL;
    kith_err err = KITH_OK;
    bool is_muted = false;
    while (!is_muted && alert_is_open(row) && has_text(row->level) &&
           (err = next(at, &around, &other_id, &other)) == KITH_OK) {
        is_muted = mutes(at, other, row);
    }
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_muted = is_muted;
    if (is_muted && ret_level != NULL) {
        *ret_level = other->level;
    }
    return KITH_OK;
}

kith_err mute_wake(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row)
{
    neighbours_t around = neighbours(id, row);
    kith_bytes_t other_id;
    Kith__Store__AlertRow *other = NULL;
    kith_err err = KITH_OK;
    while ((err = next(at, &around, &other_id, &other)) == KITH_OK) {
        WORK_TRY(climb_settle(at, other_id, other));
        if (is_self(at, other->from) && !other->overdue_told) {
            WORK_TRY(due_set(at, AGENT_TABLE_ALERTS_DUE, other->reply_by_ms, other_id));
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}
