/* What the files of the feed share: its rows, what is fresh, folded, snoozed and told. Part of
 * parts.h. */
#pragma once

#include "agents/work/parts.h"

/* ---- feed.c ---- */

/* Sixteen zero bytes: where the index keeps what names no known household. */
kith_bytes_t feed_nowhere(void);
/* A row at the end of the feed; an early row of the same notice gives way to it. A notice that has
 * its row keeps it. */
kith_err feed_add(const work_ctx_t *at, const Kith__Notice *notice, Kith__Store__FeedRow *row);
kith_err feed_put(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row);
/* A row that an index names. */
kith_err feed_get(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow **ret_row);
/* The household it is grouped under; what names none that is known: nowhere. */
kith_bytes_t feed_place(const Kith__Store__FeedRow *row);
/* Does another entry, or a snooze, stand before it? */
bool feed_hidden(const Kith__Store__FeedRow *row);
/* *ret_row is NULL when the notice has none. */
kith_err feed_find(const work_ctx_t *at, kith_bytes_t notice_id, uint64_t *ret_seq,
                   Kith__Store__FeedRow **ret_row);
/* Nothing of what its sender, or the household, has shielded. */
void feed_shield(Kith__Store__FeedRow *row);
/* Every row that is about this reference, filed anew after a link changed. decided: a person has
 * looked at it and named no household; what waits at the front door for that ends. */
kith_err feed_refile(const work_ctx_t *at, const Kith__Reference *ref, const char *user,
                     bool decided);
/* A household has become known: its rows are no longer the front door's. */
kith_err feed_household_known(const work_ctx_t *at, kith_bytes_t household);
/* A household has its first shielded member: no words of a person stay in its rows' summaries. */
kith_err feed_household_shielded(const work_ctx_t *at, kith_bytes_t household);
/* A line that no notice brought: this agency's own clock did. It stands beside the notice's row and
 * names the same notice and origin; without one it is this agency's own. */
kith_err feed_tell(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t household,
                   const char *kind, const char *summary);
kith_err feed_tell_urgent(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t household,
                          const char *kind, const char *summary);
kith_err feed_count(const work_ctx_t *at, kith_bytes_t household, uint64_t *ret_rows);
/* The row whose number stands at the end of the walk's place. */
kith_err feed_row_at(const work_ctx_t *at, const view_walk_t *walk, uint64_t *ret_seq,
                     Kith__Store__FeedRow **ret_row);
kith_err feed_count_snoozed(const work_ctx_t *at, kith_bytes_t household, uint64_t *ret_rows);

/* Hidden by this snooze from now on; 0: no longer. */
kith_err feed_snooze(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row,
                     uint64_t snooze);
/* It stands at the end of the feed from now on, as if it had just come. */
kith_err feed_again(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row,
                    const char *why_now);
/* The place of the last entry; 0: none. */
kith_err feed_end(const work_ctx_t *at, uint64_t *ret_seq);

/* ---- query.c ---- */

/* As people and programs are shown it. */
Kith__Api__FeedEntry *feed_entry(kith_arena_t *arena, uint64_t seq,
                                 const Kith__Store__FeedRow *row);

/* ---- looked.c ---- */

/* The last entry that anybody here has looked at: as of a user of this name. */
#define LOOKED_ANYBODY ""
/* What a user has not looked at is what came later. place: a household, or nowhere; empty: all. */
kith_err looked_up_to(const work_ctx_t *at, const char *user, kith_bytes_t place,
                      uint64_t *ret_up_to);
/* What came later than that, counted from the newest on. */
typedef struct tally {
    uint64_t fresh, urgent; /* urgent: of the fresh */
    uint64_t last;          /* place of the last row; 0: none */
    uint64_t rows;          /* that were read for it */
    uint64_t newest_seq;
    Kith__Store__FeedRow *newest; /* that is not hidden, NULL: none was met */
} tally_t;
kith_err looked_tally(const work_ctx_t *at, kith_bytes_t place, uint64_t up_to, uint64_t scan_max,
                      tally_t *ret_tally);

/* ---- fold.c: one entry an incident ---- */

/* Which incident the row is an account of, if of any that may be told of again. */
kith_err fold_name(work_case_t *c);
/* The row, which is stored, among the others of its incident. */
kith_err fold_add(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                  const Kith__Notice *notice);
/* It has come from that household, or has a new number. */
kith_err fold_move(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                   kith_bytes_t from);

/* ---- snooze.c ---- */

/* Hides the row when a snooze fits it. */
kith_err snooze_take(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row);
/* The end of the last one that is about this household, or any; 0: none. */
kith_err snooze_until(const work_ctx_t *at, kith_bytes_t household, int64_t *ret_until_ms);

/* ---- round.c: what this agency's people are told ---- */

#define TOLD_SNOOZE_ENDED "snooze-ended"
/* An entry has come: it is told with its household's next round. why_now: at once, and why. */
kith_err round_note(const work_ctx_t *at, const Kith__Store__FeedRow *row, const char *why_now);
/* What is open of the household is told at once, for this reason. Nothing when nothing is open. */
kith_err round_at_once(const work_ctx_t *at, kith_bytes_t household, const char *reason);
/* The number of the last telling; 0: none. */
kith_err tellings_end(const work_ctx_t *at, uint64_t *ret_seq);
