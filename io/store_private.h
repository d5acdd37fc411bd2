/* What io/store_check needs of io/store. Nobody else includes this. */
#pragma once

#include "base/bug.h"
#include "io/store.h"
#include "io/store_mark.h"

/* Takes the folder for a run: its lock and its mark. The data is not read. *ret_before: what the
 * run before left: OPEN: check it before it is opened. Errors as store_open. store_close removes
 * the mark, but of a store that is unchecked after an unclean end, or met damage or KITH_IO. */
kith_err store_hold(const store_options_t *options, kith_store_t **ret_store,
                    store_mark *ret_before);
/* Opens the data of a store that is held and, where that is needed, was checked. Errors as
 * store_open. */
kith_err store_open_held(kith_store_t *self);
