/* Clocks. Wall time for people, expiry and statements; monotonic for everything else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);

/* Watches whether the two run apart by over KITH_CLOCK_APART_MS since it was begun. */
typedef struct clock_watch {
    int64_t wall_ms, mono_ms;
} clock_watch_t;
void clock_watch_begin(clock_watch_t *watch);
bool clock_watch_apart(const clock_watch_t *watch);
