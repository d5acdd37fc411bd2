#include "io/conf_store.h"

#include "base/limits.h"

#define MAP_BYTES     (UINT64_C(16) << 30)
#define MAP_BYTES_MIN (UINT64_C(1) << 20)

void conf_store(kith_conf_t *conf, const conf_group_t *root, const char **ret_folder,
                uint64_t *ret_map_bytes, uint64_t *ret_reserve_bytes)
{
    const conf_group_t *g = conf_group(conf, root, "store", true);
    if (!g)
        return;
    *ret_folder = conf_path(conf, g, "folder");
    *ret_map_bytes = conf_size_or(conf, g, "map", MAP_BYTES_MIN, CONF_MAP_BYTES_MAX, MAP_BYTES);
    uint64_t half = *ret_map_bytes / 2;
    *ret_reserve_bytes = conf_size_or(conf, g, "reserve", 0, half,
                                      KITH_RESERVE_BYTES < half ? KITH_RESERVE_BYTES : half);
}
