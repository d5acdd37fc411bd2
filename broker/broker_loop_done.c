/* What recipients have TAKEN waits here for a commit that is made anyway: freeing a copy needs none
 * of its own, for one that is handed out again after a crash does no harm. So a message costs one
 * fsync, not two. */
#include "broker/broker_loop_private.h"

#include <string.h>

static void write_all(broker_loop_t *self)
{
    for (size_t i = 0; i < self->dones_count; i++) {
        const loop_done_t *done = &self->dones[i];
        loop_note_write(self, mailbox_done(self->mailbox, done->agency, done->token));
        for (int lane = 0; lane < KITH_LANES; lane++)
            loop_touch(self, done->agency, lane);
    }
    self->dones_count = 0;
}

void loop_done(broker_loop_t *self, const char *agency, uint64_t token)
{
    if (self->dones_count == LOOP_DONE_MAX)
        write_all(self);
    if (self->dones_count == 0)
        self->dones_mono_ms = self->mono_ms + LOOP_DONE_MS;
    loop_done_t *done = &self->dones[self->dones_count++];
    size_t size = strlen(agency);
    KITH_ASSERT(size <= KITH_NAME_MAX);
    memset(done->agency, 0, sizeof done->agency);
    memcpy(done->agency, agency, size);
    done->token = token;
}

void loop_dones_write(broker_loop_t *self)
{
    bool due = self->dirty || self->dones_hurry || self->mono_ms >= self->dones_mono_ms;
    self->dones_hurry = false;
    if (self->dones_count > 0 && due)
        write_all(self);
}

void loop_dones_hurry(broker_loop_t *self)
{
    self->dones_hurry = true;
}

int64_t loop_dones_wait_ms(const broker_loop_t *self, int64_t mono_ms, int64_t wait_ms)
{
    int64_t left_ms = self->dones_mono_ms - mono_ms;
    return self->dones_count > 0 && left_ms < wait_ms ? left_ms : wait_ms;
}
