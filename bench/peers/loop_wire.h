/* What the bare loop's two halves say to each other. A peer names itself 'p' or 's' and its index
 * (a routing id of two bytes). A frame carries one message, as a plain loop would. */
#pragma once

#include <stdint.h>

#define LOOP_NAME_BYTES 2

/* publisher → server: number, then the message. server → publisher: the number, durable. */
/* server → subscriber: number in the log, then the message. subscriber → server: all below this
 * log number are acknowledged (one frame for all that came at once). */
typedef struct loop_head {
    uint64_t number;
} loop_head_t;

/* The server's CURVE secret: a bench's own, fit for nothing else. */
#define LOOP_SECRET "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
/* Handed to a subscriber and not acknowledged. */
#define LOOP_WINDOW 1024u
#define LOOP_HWM    4096
