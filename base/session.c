/* Who may hold a session, and when it has to be heard. */
#include "base/session.h"

#include "base/limits.h"

#include <string.h>

kith_takeover kith_session_judge(const kith_session_t *held, uint64_t boot, uint64_t dial,
                                 const uint8_t instance[16])
{
    if (boot != held->boot) {
        return boot > held->boot ? KITH_TAKEOVER_NEW : KITH_TAKEOVER_OLD;
    }
    if (memcmp(instance, held->instance, sizeof held->instance) != 0) {
        return KITH_TAKEOVER_CLONE;
    }
    return dial > held->dial ? KITH_TAKEOVER_NEW : KITH_TAKEOVER_OLD;
}

bool kith_session_silent(const kith_session_t *session, int64_t mono_ms, int64_t liveness_ms)
{
    return mono_ms - session->heard_mono_ms >= liveness_ms;
}

bool kith_session_speak_due(const kith_session_t *session, int64_t mono_ms, int64_t liveness_ms)
{
    int64_t pause_ms = liveness_ms / 3;
    if (pause_ms > KITH_HEARTBEAT_MS) {
        pause_ms = KITH_HEARTBEAT_MS;
    }
    return mono_ms - session->spoke_mono_ms >= pause_ms;
}
