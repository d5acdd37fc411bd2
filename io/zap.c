/* The ZAP handler: see io/zap.h. One request is one REP message, answered at once. */
#include "io/zap.h"

#include "io/link_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* version, request id, domain, address, identity, mechanism, credentials */
enum {
    PART_VERSION,
    PART_REQUEST_ID,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_IDENTITY,
    PART_MECHANISM,
    PART_KEY,
    PARTS
};

/* What we answer when a request is none, or is for a door that we do not keep. */
enum { ANSWER_DENY = 400, ANSWER_MALFORMED = 500 };

struct kith_zap {
    void *socket;
    zap_decide_f *decide;
    void *ctx;
    uint64_t admitted, refused;
    zmq_msg_t parts[PARTS];
};

kith_err zap_new(link_context_t *context, zap_decide_f *decide, void *ctx, kith_zap_t **ret_zap)
{
    void *socket = zmq_socket(context->zmq, ZMQ_REP);
    if (!socket)
        return KITH_IO;
    link_set_int(socket, ZMQ_LINGER, 0);
    if (zmq_bind(socket, "inproc://zeromq.zap.01") != 0) {
        kith_err err = link_address_err();
        link_socket_close(&socket);
        return err;
    }
    kith_zap_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->socket = socket;
    self->decide = decide;
    self->ctx = ctx;
    for (size_t i = 0; i < PARTS; i++)
        zmq_msg_init(&self->parts[i]);
    *ret_zap = self;
    return KITH_OK;
}

void zap_destroy(kith_zap_t **self_p)
{
    kith_zap_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < PARTS; i++)
        zmq_msg_close(&self->parts[i]);
    link_socket_close(&self->socket);
    free(self);
    *self_p = NULL;
}

static bool part_is(kith_zap_t *self, unsigned part, const char *text)
{
    zmq_msg_t *msg = &self->parts[part];
    return zmq_msg_size(msg) == strlen(text) && memcmp(zmq_msg_data(msg), text, strlen(text)) == 0;
}

static int judge(kith_zap_t *self, size_t count, char ret_user[64])
{
    if (count < PARTS || !part_is(self, PART_VERSION, "1.0"))
        return ANSWER_MALFORMED;
    if (!part_is(self, PART_DOMAIN, ZAP_DOMAIN) || !part_is(self, PART_MECHANISM, "CURVE"))
        return ANSWER_DENY;
    if (count != PARTS || zmq_msg_size(&self->parts[PART_KEY]) != 32)
        return ANSWER_MALFORMED;
    zap_verdict verdict = self->decide(self->ctx, zmq_msg_data(&self->parts[PART_KEY]), ret_user);
    KITH_ASSERT(verdict != ZAP_ADMIT || ret_user[0]); /* nobody comes in without a name */
    return (int)verdict;
}

static const char *text_of(int answer)
{
    switch (answer) { /* codes of RFC 27 */
    case ZAP_ADMIT:
        return "OK";
    case ZAP_NOT_YET:
        return "not known yet";
    case ZAP_DENY:
        return "not allowed";
    default:
        return "malformed request";
    }
}

static void answer_request(kith_zap_t *self, size_t count)
{
    char user[64] = "", code[16];
    int answer = judge(self, count, user);
    if (answer == ZAP_ADMIT) {
        self->admitted++;
    } else {
        self->refused++;
        user[0] = '\0';
    }
    (void)snprintf(code, sizeof code, "%d", answer);
    zmq_msg_t *id = &self->parts[PART_REQUEST_ID];
    bool has_id = count > PART_REQUEST_ID;
    (void)link_put(self->socket, "1.0", 3, ZMQ_SNDMORE);
    (void)link_put(self->socket, has_id ? zmq_msg_data(id) : "", has_id ? zmq_msg_size(id) : 0,
                   ZMQ_SNDMORE);
    (void)link_put(self->socket, code, strlen(code), ZMQ_SNDMORE);
    (void)link_put(self->socket, text_of(answer), strlen(text_of(answer)), ZMQ_SNDMORE);
    (void)link_put(self->socket, user, strlen(user), ZMQ_SNDMORE);
    (void)link_put(self->socket, "", 0, 0); /* no metadata of ours */
}

void zap_serve(kith_zap_t *self)
{
    size_t count = 0;
    while (!link_take(self->socket, self->parts, PARTS, &count))
        answer_request(self, count);
}

void zap_counts(const kith_zap_t *self, uint64_t *ret_admitted, uint64_t *ret_refused)
{
    *ret_admitted = self->admitted;
    *ret_refused = self->refused;
}

void *zap_socket(const kith_zap_t *self)
{
    return self->socket;
}
