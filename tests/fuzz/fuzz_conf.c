/* A configuration file of any bytes, as a broker's, an agent's or an import map. Property: it is
 * read with every value inside its limits, or the fault is one line that begins with its place. */
#include "agents/agent_conf.h"
#include "agents/cli/map.h"
#include "base/limits.h"
#include "broker/broker_conf.h"
#include "fuzz.h"
#include "io/keys.h"
#include "tests/lib/scratch.h"

#include <string.h>

#define ARENA_BYTES (64 * KITH_MIB)

static scratch_t folder;

static void end(void)
{
    scratch_remove(&folder);
}

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    KITH_ASSERT(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

/* The example's partnership file beside what is tried. */
static void begin(void)
{
    static char text[1 << 16];
    char path[SCRATCH_PATH_SIZE];
    FILE *file = fopen(KITH_CONFIG_FOLDER "/partnership.cfg", "rb");
    KITH_ASSERT(file && keys_begin() == KITH_OK && scratch_make(&folder) && atexit(end) == 0);
    size_t size = fread(text, 1, sizeof text, file);
    KITH_ASSERT(size < sizeof text && fclose(file) == 0);
    scratch_path(&folder, "partnership.cfg", path);
    write_file(path, text, size);
}

static void check_error(const char *error, const char *path)
{
    KITH_ASSERT(error && !strchr(error, '\n'));
    const char *end_of_path = strrchr(path, '/');
    size_t folder_size = (size_t)(end_of_path - path);
    KITH_ASSERT(strncmp(error, path, strlen(path)) == 0 || /* or the partnership file it names */
                (strncmp(error, path, folder_size) == 0 || error[0] == '/'));
}

static void check_broker(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena)
{
    broker_conf_t c = {0};
    const kith_agreement_t *agreement = NULL;
    const char *error = NULL;
    if (broker_conf_load(path, arena, agreement_arena, &c, &agreement, &error) != KITH_OK) {
        KITH_ASSERT(!agreement && !c.path);
        check_error(error, path);
        return;
    }
    KITH_ASSERT(!error && kith_agreement_broker(agreement, c.broker));
    KITH_ASSERT(c.listen && c.store && c.keys && c.partnership);
    KITH_ASSERT(c.mailbox_messages_max >= 1 && c.mailbox_bytes_max >= KITH_FRAME_BYTES_MAX);
    KITH_ASSERT(c.reserve_bytes < c.map_bytes && c.liveness_ms > 0);
}

static void check_agent(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena)
{
    agent_conf_t c = {0};
    const kith_agreement_t *agreement = NULL;
    const char *error = NULL;
    if (agent_conf_load(path, arena, agreement_arena, &c, &agreement, &error) != KITH_OK) {
        KITH_ASSERT(!agreement && !c.path);
        check_error(error, path);
        return;
    }
    KITH_ASSERT(!error && kith_agreement_agency(agreement, c.agency));
    KITH_ASSERT(c.brokers_count >= 1 && c.brokers_count <= KITH_BROKERS_MAX);
    for (size_t i = 0; i < c.brokers_count; i++)
        KITH_ASSERT(kith_agreement_broker(agreement, c.brokers[i]));
    KITH_ASSERT(c.socket && strlen(c.socket) <= AGENT_SOCKET_PATH_MAX);
    KITH_ASSERT(c.users_count <= AGENT_USERS_MAX && c.gateways_count <= AGENT_GATEWAYS_MAX);
    KITH_ASSERT(c.reserve_bytes < c.map_bytes);
    KITH_ASSERT(c.resend_urgent_ms > 0 && c.resend_max_ms > 0 && c.later_ms > 0);
    KITH_ASSERT(!agent_conf_misfit(&c, agreement, arena, &error));
}

static void check_map(kith_bytes_t text, kith_arena_t *arena)
{
    map_t *map = NULL;
    const char *error = NULL;
    if (map_load_text("m.cfg", text, arena, &map, &error) != KITH_OK) {
        KITH_ASSERT(!map && error && strncmp(error, "m.cfg:", 6) == 0 && !strchr(error, '\n'));
        return;
    }
    KITH_ASSERT(map && !error && map->fields_count <= MAP_FIELDS_MAX);
    KITH_ASSERT(map->about_count <= MAP_ABOUT_MAX && map->skip_count <= MAP_SKIP_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!folder.folder[0])
        begin();
    if (size == 0)
        return 0;
    char path[SCRATCH_PATH_SIZE];
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES), *other = kith_arena_new(ARENA_BYTES);
    kith_bytes_t text = {data + 1, size - 1};
    scratch_path(&folder, "x.cfg", path);
    if (data[0] % 3 < 2)
        write_file(path, text.data, text.size);
    if (data[0] % 3 == 0)
        check_broker(path, arena, other);
    else if (data[0] % 3 == 1)
        check_agent(path, arena, other);
    else
        check_map(text, arena);
    kith_arena_destroy(&arena);
    kith_arena_destroy(&other);
    return 0;
}
