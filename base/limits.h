/* The largest of everything, each with its reason. What an operator would turn is in the
 * configuration and only bounded here. Relations between them are asserted in base/limits.c. */
#pragma once

#include <stddef.h>

#define KITH_KIB ((size_t)1024)
#define KITH_MIB (1024 * KITH_KIB)

#define KITH_PROTOCOL_VERSION 1u

/* ZeroMQ's MAXMSGSIZE: the largest envelope with its wraps, path and framing fits once. */
#define KITH_FRAME_BYTES_MAX (320 * KITH_KIB)
/* Contents are padded to 1/4/16/64/256 KiB; this is the last step. */
#define KITH_CONTENT_BYTES_MAX (256 * KITH_KIB)
/* A notice, so that Content with its padding still fits the last step. */
#define KITH_NOTICE_BYTES_MAX (255 * KITH_KIB)
/* A header with 64 slots of about 160 bytes each. */
#define KITH_HEADER_BYTES_MAX (24 * KITH_KIB)
/* Recipients of one envelope; more are several envelopes. */
#define KITH_SLOTS_MAX 64u
/* Leaves under one signature: a path of six hashes, 192 bytes a message. */
#define KITH_BATCH_MAX 64u
#define KITH_PATH_MAX  6u
/* Agency, broker, topic, clause and key names: [a-z0-9.-], so that they fit keys and logs. */
#define KITH_NAME_MAX     48u
#define KITH_AGENCIES_MAX 1024u
#define KITH_BROKERS_MAX  8u
#define KITH_TOPICS_MAX   256u
#define KITH_CLAUSES_MAX  1024u
/* Calendars of one partnership, the days its offices are closed, and its clocks. */
#define KITH_CALENDARS_MAX 16u
#define KITH_HOLIDAYS_MAX  512u
#define KITH_CLOCKS_MAX    64u
/* Unit costs of one partnership, and what it sets over a family's events and expected messages. A
 * rule looks back at most so far, for a look reads what lies within. */
#define KITH_COSTS_MAX      64u
#define KITH_RULES_MAX      16u
#define KITH_EXPECTED_MAX   16u
#define KITH_RULE_DAYS_MAX  366
#define KITH_RULE_COUNT_MAX 1000000
#define KITH_NEED_BYTES_MAX 256u
/* Steps of the ladder that silence climbs. */
#define KITH_LADDER_MAX 16u
/* Levels of alerts, of which a higher one mutes lower ones. */
#define KITH_ALERT_LEVELS_MAX 16u
/* Stages that a disagreement climbs. */
#define KITH_STAGES_MAX 8u
/* Free text of a person; longer belongs in the agency's own system, with a reference here. */
#define KITH_TEXT_BYTES_MAX (64 * KITH_KIB)
/* Lines: names, codes, reasons. */
#define KITH_LINE_BYTES_MAX      512u
#define KITH_REFERENCE_BYTES_MAX 128u
#define KITH_ABOUT_MAX           64u
#define KITH_MEMBERS_MAX         64u
#define KITH_SERVICES_MAX        64u /* of one agency; also subjects it knows about */
#define KITH_CAUSES_MAX          32u
#define KITH_TOKEN_BYTES_MAX     64u
#define KITH_ID_BYTES            16u
#define KITH_DIGEST_BYTES        32u
/* Outcomes of a household's plan, and topics that one of them foresees: a plan travels whole. */
#define KITH_OUTCOMES_MAX 64u
#define KITH_EXPECTS_MAX  16u
/* Assessments that an agency is told of when it joins. */
#define KITH_KNOWN_ASSESSMENTS_MAX 8u
/* Pots of a partnership, and a sum of money in pence: far above any. */
#define KITH_POTS_MAX  64u
#define KITH_PENCE_MAX 1000000000u

/* Decoding a frame may take this many times its size of memory, and no more. */
#define KITH_DECODE_FACTOR 8u
/* Beside it for each message: the structs of a small one outweigh its bytes. */
#define KITH_DECODE_SLACK_BYTES (64 * KITH_KIB)
/* Elements of any repeated field; most lists have a limit of their own below this. */
#define KITH_REPEATED_MAX 4096u
/* One turn's arena: a full turn of frames, decoded, with what they make. */
#define KITH_TURN_BYTES_MAX (256 * KITH_MIB)
/* Frames taken from the link in one turn; the commit then serves them all. */
#define KITH_TURN_FRAMES_MAX 256u

/* Credit of one session and lane (DESIGN: a recipient out of credit waits on disk). */
#define KITH_CREDIT_URGENT_MESSAGES 64u
#define KITH_CREDIT_URGENT_BYTES    (1024 * KITH_KIB)
#define KITH_CREDIT_NORMAL_MESSAGES 2048u
#define KITH_CREDIT_NORMAL_BYTES    (8 * KITH_MIB)
/* All sessions together: handed to libzmq and not TAKEN. */
#define KITH_IN_FLIGHT_BYTES_MAX (32 * KITH_MIB)
/* In a full turn one place in this many is for the normal lane. */
#define KITH_NORMAL_SHARE 8u

/* One recipient's mailbox at a broker. */
#define KITH_MAILBOX_MESSAGES_MAX 100000u
#define KITH_MAILBOX_BYTES_MAX    (1024 * KITH_MIB)
/* Beyond the next number, a stream. */
#define KITH_PARKED_MESSAGES_MAX 10000u
#define KITH_PARKED_BYTES_MAX    (64 * KITH_MIB)
/* Kept for urgent notices, receipts and trims when the disk is full. */
#define KITH_RESERVE_BYTES (256 * KITH_MIB)
/* Exceptions named in one receipt; with more it states an earlier number. */
#define KITH_EXCEPTIONS_MAX 256u
/* Bad copies kept as evidence (a ring). */
#define KITH_EVIDENCE_ROWS_MAX 1000u

#define KITH_HANDSHAKE_MS 2000
#define KITH_HEARTBEAT_MS 10000
/* Wall and monotonic clock further apart than this: expiry freezes (DESIGN: limits). */
#define KITH_CLOCK_APART_MS (3600 * 1000)

#define KITH_FEED_PAGE_MAX 1000u
