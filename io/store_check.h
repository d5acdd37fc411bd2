/* Compares a whole store with its checksums and counts: when a person asks, and at a start after a
 * run that did not end well.
 *
 * Called by agents/store and broker/mailbox_*. LMDB itself may crash on a damaged file: then the
 * next start does not open it again but says so, until a check by a person ended well. */
#pragma once

#include "io/store.h"

/* Walks a table and looks up each row; nothing may be open. KITH_CORRUPT with *ret_rows read so
 * far. About half a microsecond a row that is in memory. */
kith_err store_check_table(kith_store_t *self, int table, uint64_t *ret_rows);

/* What a start found; all zero after a clean end. */
typedef struct store_start {
    bool unclean; /* the run before was cut off: every table was compared, or the first … */
    const char *damaged; /* … of this name did not hold; borrowed from the options */
    bool check_died;     /* the check was cut off as well: the store was not opened */
    uint64_t rows;       /* compared */
    int64_t ms;
} store_start_t;

/* store_open for a program that will run on it; store_close ends that well, unless damage or
 * KITH_IO was met. Errors as store_open; *ret_start is set also on KITH_CORRUPT. */
kith_err store_start(const store_options_t *options, kith_store_t **ret_store,
                     store_start_t *ret_start);

/* A check by a person has ended well; the store is still open. KITH_IO, KITH_FULL. */
kith_err store_trust(const store_options_t *options);
