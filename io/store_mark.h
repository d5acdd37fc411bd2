/* How the last run on a store ended: a mark in its folder. The file system, for io/store*.
 *
 * The mark is an empty file, `state.open`: to make one needs no room on a full disk, and it is
 * never half written. Call it under the store's lock. */
#pragma once

#include "base/err.h"

typedef enum store_mark {
    STORE_MARK_NONE, /* it ended well, or there was none */
    STORE_MARK_OPEN, /* a run is on, or has ended unclean: killed, crashed, power lost */
} store_mark;

/* KITH_IO. */
kith_err store_mark_read(const char *folder, store_mark *ret_mark);
/* On disk when it returns. KITH_FULL, KITH_IO. */
kith_err store_mark_write(const char *folder, store_mark mark);
