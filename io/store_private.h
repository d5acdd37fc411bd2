/* What io/store_check needs of io/store. Nobody else includes this. */
#pragma once

#include "base/bug.h"
#include "io/store.h"
#include "io/store_mark.h"

/* store_open for a run (for none when ret_before is NULL): marks the folder as long as the store is
 * open. *ret_before is what the run before left, set also on errors after it was read: NONE, or
 * OPEN: to be checked now (the mark is CHECKING until store_checked). KITH_CORRUPT with CHECKING:
 * the file was not touched. store_close removes the mark, but of a store that is unchecked or met
 * damage or KITH_IO. */
kith_err store_open_run(const store_options_t *options, kith_store_t **ret_store,
                        store_mark *ret_before);
/* The check ended well. KITH_FULL, KITH_IO. */
kith_err store_checked(kith_store_t *self);
