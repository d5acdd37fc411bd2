/* The relations between the limits, asserted where they are compiled. */
#include "base/limits.h"

#include "base/key.h"

#include <assert.h>

/* An envelope with everything at its largest, in a frame of its own. */
#define PROOF_BYTES_MAX   (KITH_PATH_MAX * (KITH_DIGEST_BYTES + 2u) + 64u + 16u)
#define OWED_BYTES_MAX    (KITH_SLOTS_MAX * (KITH_NAME_MAX + 2u))
#define SEAL_BYTES        16u
#define SMALL_PARTS_BYTES 256u
#define ENVELOPE_BYTES_MAX                                                                         \
    (KITH_HEADER_BYTES_MAX + PROOF_BYTES_MAX + KITH_CONTENT_BYTES_MAX + SEAL_BYTES)
static_assert(ENVELOPE_BYTES_MAX + OWED_BYTES_MAX + SMALL_PARTS_BYTES <= KITH_FRAME_BYTES_MAX,
              "the largest envelope fits one frame");
/* Names, numbers, wrap and tags of one slot; what else a header holds is under 2 KiB. */
#define SLOT_BYTES_MAX (2u * (KITH_NAME_MAX + 2u) + 6u + 11u + 50u + 3u)
static_assert(KITH_SLOTS_MAX * SLOT_BYTES_MAX + 2048u <= KITH_HEADER_BYTES_MAX,
              "a header with all its slots fits");
static_assert(KITH_NOTICE_BYTES_MAX + 64u <= KITH_CONTENT_BYTES_MAX,
              "the largest notice fits the last padding step");
static_assert(KITH_TEXT_BYTES_MAX < KITH_NOTICE_BYTES_MAX, "a text fits a notice");
static_assert(1u << KITH_PATH_MAX >= KITH_BATCH_MAX, "a path reaches the root");

static_assert(KITH_SLOTS_MAX <= KITH_REPEATED_MAX && KITH_AGENCIES_MAX <= KITH_REPEATED_MAX &&
                  KITH_EXCEPTIONS_MAX <= KITH_REPEATED_MAX &&
                  KITH_FEED_PAGE_MAX <= KITH_REPEATED_MAX,
              "no list of ours is longer than a reader takes");
static_assert(KITH_CREDIT_URGENT_MESSAGES + KITH_CREDIT_NORMAL_MESSAGES <= KITH_REPEATED_MAX,
              "one TAKEN can name all that is in flight");
static_assert(2 * (KITH_DECODE_FACTOR * KITH_FRAME_BYTES_MAX + KITH_DECODE_SLACK_BYTES) <=
                  KITH_TURN_BYTES_MAX,
              "a turn has room for the dearest frame and as much again for what it makes");

static_assert(KITH_CREDIT_URGENT_BYTES >= KITH_FRAME_BYTES_MAX &&
                  KITH_CREDIT_NORMAL_BYTES >= KITH_FRAME_BYTES_MAX,
              "credit lets the largest message through");
static_assert(KITH_IN_FLIGHT_BYTES_MAX >= KITH_CREDIT_URGENT_BYTES + KITH_CREDIT_NORMAL_BYTES,
              "one session can use its credit");
static_assert(KITH_MAILBOX_BYTES_MAX > KITH_IN_FLIGHT_BYTES_MAX,
              "a mailbox holds what is in flight");
static_assert(KITH_PARKED_BYTES_MAX > KITH_FRAME_BYTES_MAX, "one message can be parked");
static_assert(KITH_RESERVE_BYTES > KITH_IN_FLIGHT_BYTES_MAX, "the reserve outlasts one round");
static_assert(KITH_NORMAL_SHARE > 1, "urgent has most places");

/* The longest keys: stream and number; task of (notice, kind, agency); link (system, id). */
static_assert(2u * (KITH_NAME_MAX + 1u) + 4u + 4u + 1u + 8u <= KITH_KEY_BYTES_MAX &&
                  KITH_ID_BYTES + 2u * (KITH_NAME_MAX + 1u) <= KITH_KEY_BYTES_MAX &&
                  2u * (KITH_REFERENCE_BYTES_MAX + 1u) <= KITH_KEY_BYTES_MAX &&
                  KITH_TOKEN_BYTES_MAX <= KITH_KEY_BYTES_MAX,
              "every key fits LMDB");
