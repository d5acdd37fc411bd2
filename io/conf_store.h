/* The `store` group, alike in broker.cfg and an agent's file: folder, map, reserve. */
#pragma once

#include "io/conf.h"

#define CONF_MAP_BYTES_MAX (UINT64_C(1) << 44)

/* Required: the folder. map: 16 GiB unless it says other, the most the store may ever hold.
 * reserve: what is kept for urgent things, at most half of the map. Outputs are untouched when the
 * group is missing; the conf then holds the error. */
void conf_store(kith_conf_t *conf, const conf_group_t *root, const char **ret_folder,
                uint64_t *ret_map_bytes, uint64_t *ret_reserve_bytes);
