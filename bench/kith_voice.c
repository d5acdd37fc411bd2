#include "bench/kith_voice.h"

#include "io/keys.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const kith_voice_t *self, const char *what)
{
    (void)fprintf(stderr, "bench: %s: %s\n", self->agency, what);
    exit(1);
}

void voice_open(kith_voice_t *self, const char *agency, size_t tokens_max)
{
    *self = (kith_voice_t){.tokens_max = tokens_max};
    (void)snprintf(self->agency, sizeof self->agency, "%s", agency);
    self->buffer = malloc(KITH_FRAME_BYTES_MAX);
    self->tokens = calloc(tokens_max, sizeof *self->tokens);
    if (self->buffer == NULL || self->tokens == NULL)
        fail(self, "no memory");
    kith_frame_begin(&self->frame, self->buffer, KITH_FRAME_BYTES_MAX);
}

void voice_close(kith_voice_t *self)
{
    link_client_destroy(&self->link);
    free(self->buffer);
    free(self->tokens);
    self->buffer = NULL;
    self->tokens = NULL;
}

void voice_flush(kith_voice_t *self)
{
    kith_bytes_t frame = {self->frame.data, self->frame.size};
    if (frame.size > 0 && link_client_send(self->link, frame) != KITH_OK)
        fail(self, "the connection takes no more");
    kith_frame_begin(&self->frame, self->buffer, KITH_FRAME_BYTES_MAX);
}

uint8_t *voice_add(kith_voice_t *self, size_t size)
{
    uint8_t *at = kith_frame_add(&self->frame, size);
    if (at != NULL)
        return at;
    voice_flush(self);
    return kith_frame_add(&self->frame, size);
}

static void say(kith_voice_t *self, const Kith__Packet *packet)
{
    (void)kith__packet__pack(packet, voice_add(self, kith__packet__get_packed_size(packet)));
}

static void grant(kith_voice_t *self, Kith__LaneCredit *ret_credit)
{
    kith__lane_credit__init(ret_credit);
    if (!self->still)
        kith_credit_grant(&self->receive, self->receive.used_messages + KITH_CREDIT_NORMAL_MESSAGES,
                          self->receive.used_bytes + KITH_CREDIT_NORMAL_BYTES);
    ret_credit->lane = KITH__LANE__LANE_NORMAL;
    ret_credit->messages = self->receive.granted_messages;
    ret_credit->bytes = self->receive.granted_bytes;
}

void voice_hello(kith_voice_t *self, const kith_agreement_t *agreement, uint64_t boot)
{
    uint8_t instance[16];
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Hello hello = KITH__HELLO__INIT;
    Kith__LaneCredit credit, *credits[] = {&credit};
    keys_random(instance, sizeof instance);
    grant(self, &credit);
    hello.protocol = KITH_PROTOCOL_VERSION;
    hello.partnership = (char *)(uintptr_t)agreement->partnership;
    hello.partnership_version = agreement->version;
    hello.agency = self->agency;
    hello.epoch = 1;
    hello.boot = boot;
    hello.dial = 1;
    hello.instance = (ProtobufCBinaryData){sizeof instance, instance};
    hello.n_credit = 1;
    hello.credit = credits;
    packet.verb_case = KITH__PACKET__VERB_HELLO;
    packet.hello = &hello;
    say(self, &packet);
    voice_flush(self);
}

void voice_take(kith_voice_t *self, uint64_t token)
{
    if (self->tokens_count == self->tokens_max)
        voice_taken(self);
    self->tokens[self->tokens_count++] = token;
}

void voice_taken(kith_voice_t *self)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Taken taken = KITH__TAKEN__INIT;
    if (self->tokens_count == 0)
        return;
    taken.n_tokens = self->tokens_count;
    taken.tokens = self->tokens;
    packet.verb_case = KITH__PACKET__VERB_TAKEN;
    packet.taken = &taken;
    say(self, &packet);
    self->tokens_count = 0;
}

bool voice_credit_low(const kith_voice_t *self)
{
    const kith_credit_t *c = &self->receive;
    return c->used_messages + KITH_CREDIT_NORMAL_MESSAGES / 2 >= c->granted_messages ||
           c->used_bytes + KITH_CREDIT_NORMAL_BYTES / 2 >= c->granted_bytes;
}

void voice_credit(kith_voice_t *self)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Credit credit = KITH__CREDIT__INIT;
    Kith__LaneCredit lane, *lanes[] = {&lane};
    grant(self, &lane);
    credit.n_credit = 1;
    credit.credit = lanes;
    packet.verb_case = KITH__PACKET__VERB_CREDIT;
    packet.credit = &credit;
    say(self, &packet);
}
