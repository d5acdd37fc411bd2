#include "io/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ZONE_FOLDER    "/usr/share/zoneinfo/"
#define NAME_BYTES_MAX 64u
/* The largest that tzdata has is under 4 KiB. */
#define FILE_BYTES_MAX 16384u
#define CHANGES_MAX    256u
/* What is older concerns no clock here. */
#define SINCE_S INT64_C(946684800) /* 2000-01-01 */
/* Zones that still change do so until then in a file with all its changes ("fat"). */
#define UNTIL_S INT64_C(2114380800) /* 2037-01-01 */
#define DAY_S   86400

static bool is_zone_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_+-/";
    size_t size = strlen(name);
    return size > 0 && size <= NAME_BYTES_MAX && name[0] != '/' && strspn(name, letters) == size;
}

/* ---- the file's bytes ---- */

typedef struct reader {
    kith_bytes_t rest;
    bool bad; /* it ended too early */
} reader_t;

static const uint8_t *take(reader_t *r, size_t size)
{
    if (r->bad || r->rest.size < size) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *at = r->rest.data;
    r->rest = (kith_bytes_t){at + size, r->rest.size - size};
    return at;
}

static int64_t number(const uint8_t *at, size_t size)
{
    uint64_t value = (at[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | at[i];
    }
    return (int64_t)value;
}

typedef struct head {
    size_t utc_flags, standard_flags, leaps, changes, types, letters;
} head_t;

static void take_head(reader_t *r, head_t *head)
{
    const uint8_t *at = take(r, 44);
    if (at == NULL || memcmp(at, "TZif", 4) != 0 || at[4] < '2') {
        r->bad = true;
        return;
    }
    size_t *const counts[] = {&head->utc_flags, &head->standard_flags, &head->leaps,
                              &head->changes,   &head->types,          &head->letters};
    for (size_t i = 0; i < 6; i++) {
        int64_t count = number(at + 20 + 4 * i, 4);
        r->bad = r->bad || count < 0 || count > FILE_BYTES_MAX;
        *counts[i] = (size_t)count;
    }
}

static void skip_block(reader_t *r, const head_t *h, size_t time_size)
{
    if (!r->bad) {
        take(r, h->changes * (time_size + 1) + h->types * 6 + h->letters +
                    h->leaps * (time_size + 4) + h->standard_flags + h->utc_flags);
    }
}

static bool offset_of(const uint8_t *types, size_t count, uint8_t type, int32_t *ret_offset_ms)
{
    if (type >= count) {
        return false;
    }
    int64_t offset_s = number(types + 6 * (size_t)type, 4);
    if (offset_s <= -DAY_S || offset_s >= DAY_S) {
        return false;
    }
    *ret_offset_ms = (int32_t)(offset_s * 1000);
    return true;
}

static kith_err read_changes(reader_t *r, const head_t *h, kith_zone_t *zone,
                             kith_zone_change_t *changes)
{
    const uint8_t *times = take(r, h->changes * 8);
    const uint8_t *indexes = take(r, h->changes);
    const uint8_t *types = take(r, h->types * 6);
    if (r->bad || !offset_of(types, h->types, 0, &zone->first_offset_ms)) {
        return KITH_CORRUPT;
    }
    int64_t before_s = INT64_MIN;
    for (size_t i = 0; i < h->changes; i++) {
        int64_t at_s = number(times + 8 * i, 8);
        int32_t offset_ms = 0;
        if (at_s <= before_s || !offset_of(types, h->types, indexes[i], &offset_ms)) {
            return KITH_CORRUPT;
        }
        before_s = at_s;
        if (at_s < SINCE_S) {
            zone->first_offset_ms = offset_ms;
        } else if (at_s >= INT64_MAX / 1000 || zone->count == CHANGES_MAX) {
            return KITH_CORRUPT;
        } else {
            changes[zone->count++] = (kith_zone_change_t){at_s * 1000, offset_ms};
        }
    }
    return KITH_OK;
}

/* "GMT0BST,M3.5.0/1,M10.5.0" goes on changing, "GMT0" does not. */
static bool goes_on(kith_bytes_t footer)
{
    return memchr(footer.data, ',', footer.size) != NULL;
}

kith_err zone_read(const char *name, kith_bytes_t bytes, kith_arena_t *arena,
                   const kith_zone_t **ret_zone)
{
    reader_t r = {.rest = bytes};
    head_t first = {0}, second = {0};
    take_head(&r, &first);
    skip_block(&r, &first, 4); /* the block for readers of version 1 */
    take_head(&r, &second);
    kith_zone_t *zone = kith_arena_alloc(arena, sizeof *zone);
    kith_zone_change_t *changes = kith_arena_alloc(arena, CHANGES_MAX * sizeof *changes);
    if (zone == NULL || changes == NULL) {
        return KITH_LIMIT;
    }
    reader_t footer = r;
    skip_block(&footer, &second, 8);
    if (r.bad || footer.bad) {
        return KITH_CORRUPT;
    }
    *zone = (kith_zone_t){.name = name, .changes = changes};
    kith_err err = read_changes(&r, &second, zone, changes);
    if (err != KITH_OK) {
        return err;
    }
    int64_t last_ms = zone->count > 0 ? changes[zone->count - 1].from_ms : 0;
    if (goes_on(footer.rest) && last_ms < UNTIL_S * 1000) {
        return KITH_CORRUPT;
    }
    *ret_zone = zone;
    return KITH_OK;
}

static kith_err read_file(const char *path, uint8_t *buffer, size_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return KITH_NOT_FOUND;
    }
    size_t size = 0;
    ssize_t got = 0;
    while (size < FILE_BYTES_MAX) {
        got = read(fd, buffer + size, FILE_BYTES_MAX - size);
        if (got > 0) {
            size += (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    close(fd);
    *ret_size = size;
    return got < 0 ? KITH_CORRUPT : KITH_OK;
}

kith_err zone_load(const char *name, kith_arena_t *arena, const kith_zone_t **ret_zone)
{
    char path[sizeof ZONE_FOLDER + NAME_BYTES_MAX];
    uint8_t buffer[FILE_BYTES_MAX];
    size_t size = 0;
    if (!is_zone_name(name)) {
        return KITH_INVALID;
    }
    snprintf(path, sizeof path, ZONE_FOLDER "%s", name);
    kith_err err = read_file(path, buffer, &size);
    return err == KITH_OK ? zone_read(name, (kith_bytes_t){buffer, size}, arena, ret_zone) : err;
}
