#include "io/clock.h"

#include "base/err.h"
#include "base/limits.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    KITH_ASSERT(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

/* BOOTTIME also counts while the machine sleeps: a laptop opened in the morning is not a clock that
 * went wrong, and its sessions are silent at once. */
int64_t clock_mono_ms(void)
{
    return read_ms(CLOCK_BOOTTIME);
}

void clock_watch_begin(clock_watch_t *watch)
{
    watch->wall_ms = clock_wall_ms();
    watch->mono_ms = clock_mono_ms();
}

bool clock_watch_apart(const clock_watch_t *watch)
{
    int64_t wall_passed = clock_wall_ms() - watch->wall_ms;
    int64_t mono_passed = clock_mono_ms() - watch->mono_ms;
    return llabs(wall_passed - mono_passed) > KITH_CLOCK_APART_MS;
}
