#include "io/ask.h"

#include "base/limits.h"
#include "base/text.h"
#include "io/clock.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct ask {
    link_context_t *context;
    link_client_t *client;
    link_poll_t *poll;
    uint64_t last_id;
    bool up, gone;
};

static void take_news(ask_t *self)
{
    for (;;) {
        switch (link_client_news(self->client)) {
        case LINK_NONE:
            return;
        case LINK_UP:
            self->up = true;
            break;
        case LINK_DOWN:
        case LINK_DENIED:
            self->gone = true;
            break;
        }
    }
}

static kith_err wait_until_up(ask_t *self, int64_t wait_ms)
{
    int64_t deadline = clock_mono_ms() + wait_ms;
    for (;;) {
        take_news(self);
        if (self->gone)
            return KITH_NOT_FOUND;
        if (self->up)
            return KITH_OK;
        int64_t left = deadline - clock_mono_ms();
        if (left <= 0)
            return KITH_AGAIN;
        kith_err err = link_poll_wait(self->poll, left);
        if (err != KITH_OK)
            return err;
    }
}

kith_err ask_open(const char *socket_path, int64_t wait_ms, ask_t **ret_ask)
{
    struct stat at;
    if (stat(socket_path, &at) != 0 || !S_ISSOCK(at.st_mode))
        return KITH_NOT_FOUND;
    if (access(socket_path, R_OK | W_OK) != 0)
        return KITH_DENIED;
    ask_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->context = link_context_new();
    kith_err err = link_client_ipc(self->context, socket_path, &self->client);
    if (err == KITH_OK) {
        self->poll = link_poll_new(2);
        link_poll_client(self->poll, self->client);
        err = wait_until_up(self, wait_ms);
    }
    if (err == KITH_OK)
        *ret_ask = self;
    else
        ask_close(&self);
    return err;
}

void ask_close(ask_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    ask_t *self = *self_p;
    link_poll_destroy(&self->poll);
    link_client_destroy(&self->client);
    link_context_destroy(&self->context);
    free(self);
    *self_p = NULL;
}

void ask_poll(ask_t *self, link_poll_t *poll)
{
    link_poll_client(poll, self->client);
}

void ask_fds(const ask_t *self, int ret_fds[2])
{
    link_client_fds(self->client, ret_fds);
}

kith_err ask_send(ask_t *self, kith_arena_t *arena, Kith__Api__Request *request)
{
    request->id = self->last_id + 1;
    kith_bytes_t frame = KITH_PACK(arena, request);
    if (frame.size > KITH_FRAME_BYTES_MAX)
        return KITH_LIMIT;
    kith_err err = link_client_send(self->client, frame);
    if (err == KITH_OK)
        self->last_id = request->id;
    return err;
}

static kith_err decode(kith_arena_t *arena, kith_bytes_t frame, Kith__Api__Response **ret_response)
{
    const char *field;
    ProtobufCMessage *message =
        kith_message_unpack(arena, &kith__api__response__descriptor, frame, &field);
    if (message == NULL)
        return KITH_INVALID;
    *ret_response = (Kith__Api__Response *)message;
    return KITH_OK;
}

kith_err ask_receive(ask_t *self, kith_arena_t *arena, int64_t wait_ms,
                     Kith__Api__Response **ret_response)
{
    int64_t deadline = clock_mono_ms() + wait_ms;
    for (;;) {
        kith_bytes_t frame;
        kith_err err = link_client_receive(self->client, &frame);
        if (err == KITH_OK)
            return decode(arena, frame, ret_response);
        if (err != KITH_AGAIN)
            return err;
        take_news(self);
        if (self->gone)
            return KITH_NOT_FOUND;
        int64_t left = deadline - clock_mono_ms();
        if (left <= 0)
            return KITH_AGAIN;
        err = link_poll_wait(self->poll, left);
        if (err != KITH_OK)
            return err;
    }
}

kith_err ask_call(ask_t *self, kith_arena_t *arena, int64_t timeout_ms, Kith__Api__Request *request,
                  Kith__Api__Response **ret_response)
{
    int64_t deadline = clock_mono_ms() + timeout_ms;
    kith_err err = ask_send(self, arena, request);
    while (err == KITH_OK) {
        Kith__Api__Response *response = NULL;
        int64_t left = deadline - clock_mono_ms();
        err = ask_receive(self, arena, left > 0 ? left : 0, &response);
        /* 0: the agent could not read the request, and so not its number either. */
        if (err == KITH_OK && (response->id == request->id || response->id == 0)) {
            *ret_response = response;
            return KITH_OK;
        }
    }
    return err == KITH_FULL ? KITH_AGAIN : err;
}
