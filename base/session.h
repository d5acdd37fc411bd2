/* One session: a live conversation between a broker and an agent, as either side sees it. */
#pragma once

#include "base/bytes.h"
#include "base/credit.h"

typedef struct kith_session {
    uint64_t route; /* the link's name for the peer; 0: none */
    bool live;      /* HELLO and WELCOME are done */
    uint64_t boot, dial;
    uint8_t instance[16];
    int64_t heard_mono_ms;             /* last frame of the peer */
    int64_t spoke_mono_ms;             /* last CREDIT sent */
    uint32_t peer_version;             /* of the partnership file */
    int64_t liveness_ms;               /* silence after which it is given up */
    kith_credit_t send[KITH_LANES];    /* granted by the peer */
    kith_credit_t receive[KITH_LANES]; /* granted to the peer */
} kith_session_t;

/* What a broker does with a HELLO while it holds `held` (which may be not live). */
typedef enum kith_takeover {
    KITH_TAKEOVER_NEW,   /* a first one, or a higher (boot, dial): it takes over */
    KITH_TAKEOVER_OLD,   /* lower (boot, dial), or the very same again: refused as old */
    KITH_TAKEOVER_CLONE, /* same boot, another instance: refused, alarm */
} kith_takeover;

kith_takeover kith_session_judge(const kith_session_t *held, uint64_t boot, uint64_t dial,
                                 const uint8_t instance[16]);

/* Nothing heard for liveness_ms. */
bool kith_session_silent(const kith_session_t *session, int64_t mono_ms, int64_t liveness_ms);
/* Time for the next CREDIT: a third of the liveness time, at most KITH_HEARTBEAT_MS. */
bool kith_session_speak_due(const kith_session_t *session, int64_t mono_ms, int64_t liveness_ms);
