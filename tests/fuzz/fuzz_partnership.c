/* A partnership file of any bytes. Property: it loads, or the fault is one line with its place. */
#include "fuzz.h"
#include "io/keys.h"
#include "io/partnership.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena_t *arena = kith_arena_new(8 * 1024 * 1024);
    kith_agreement_t *a = NULL;
    const char *error = NULL;
    kith_bytes_t text = {data, size};
    KITH_ASSERT(keys_begin() == KITH_OK);
    if (partnership_load_text("p.cfg", text, arena, &a, &error) == KITH_OK) {
        KITH_ASSERT(a && !error);
        KITH_ASSERT(kith_agreement_agency(a, a->front_door));
    } else {
        KITH_ASSERT(!a && error);
        KITH_ASSERT(strncmp(error, "p.cfg:", 6) == 0 && !strchr(error, '\n'));
    }
    kith_arena_destroy(&arena);
    return 0;
}
