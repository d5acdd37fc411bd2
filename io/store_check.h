/* Compares a whole store with its checksums and counts: when a person asks, and at a start after a
 * run that did not end well.
 *
 * Called by agents/store and broker/mailbox_*. LMDB itself may crash on a damaged file: the check
 * at a start is in a process of its own, so that the program can say so. */
#pragma once

#include "io/store.h"

/* Walks a table and looks up each row; nothing may be open. KITH_CORRUPT with *ret_rows read so
 * far. About half a microsecond a row that is in memory. */
kith_err store_check_table(kith_store_t *self, int table, uint64_t *ret_rows);

/* What a start found; all zero after a clean end. */
typedef struct store_start {
    bool unclean; /* the run before was cut off: every table was compared, or the first … */
    const char *damaged; /* … of this name did not hold; borrowed from the options */
    bool check_died;     /* the check crashed: the file is damaged, and was not opened here */
    uint64_t rows;       /* compared */
    int64_t ms;
} store_start_t;

/* store_open for a program that will run on it; store_close ends that well, unless damage or
 * KITH_IO was met. Errors as store_open; KITH_IO too when the check could not be made or was
 * killed. *ret_start is set also on KITH_CORRUPT. */
kith_err store_start(const store_options_t *options, kith_store_t **ret_store,
                     store_start_t *ret_start);
