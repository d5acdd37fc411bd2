/* What a session of the bench says to the broker, by PROTOCOL.md: packets put together into frames,
 * its HELLO, TAKEN and credit. What fails ends the program with one line. */
#pragma once

#include "base/agreement.h"
#include "base/credit.h"
#include "base/frame.h"
#include "io/link.h"

typedef struct kith_voice {
    char agency[KITH_NAME_MAX + 1];
    link_client_t *link;
    uint8_t *buffer;
    kith_frame_writer_t frame;
    kith_credit_t receive; /* what is granted to the broker */
    bool still;            /* grants nothing more: it says the same again */
    size_t tokens_count, tokens_max;
    uint64_t *tokens; /* that were delivered and are not said TAKEN yet */
} kith_voice_t;

/* tokens_max: so many are said in one TAKEN. The caller dials `link` afterwards. */
void voice_open(kith_voice_t *self, const char *agency, size_t tokens_max);
void voice_close(kith_voice_t *self);

/* Room for one packet in the frame, which is sent when it is full. */
uint8_t *voice_add(kith_voice_t *self, size_t size);
void voice_flush(kith_voice_t *self);

void voice_hello(kith_voice_t *self, const kith_agreement_t *agreement, uint64_t boot);
/* One more token, said at once when so many are together. */
void voice_take(kith_voice_t *self, uint64_t token);
void voice_taken(kith_voice_t *self);
/* Is less than half of it left? */
bool voice_credit_low(const kith_voice_t *self);
void voice_credit(kith_voice_t *self);
