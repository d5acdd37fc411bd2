/* The agent of this agency: asked on behalf of whoever asks here. */
#include "web/web_loop_private.h"

#include "base/limits.h"
#include "io/log.h"

#include <inttypes.h>
#include <string.h>

/* The agent's socket is on this machine: it is there at once or not at all. */
#define DIAL_MS       1000
#define DIAL_PAUSE_MS 1000

static bool connected(web_loop_t *self, int64_t now_ms)
{
    if (self->ask != NULL)
        return true;
    if (now_ms < self->ask_again_ms)
        return false;
    kith_err err = ask_open(self->start.parts.conf->agent, DIAL_MS, &self->ask);
    self->ask_again_ms = now_ms + DIAL_PAUSE_MS;
    if (err == KITH_OK)
        log_event("agent", "state=there");
    return err == KITH_OK;
}

/* Who waits is told that nothing is known; streams begin again by themselves. */
static void gone(web_loop_t *self, int64_t now_ms)
{
    log_event("agent", "state=away");
    ask_close(&self->ask);
    for (size_t i = 0; i < self->conns_max; i++) {
        conn_t *conn = self->conns[i];
        if (conn == NULL)
            continue;
        if (conn->state == CONN_WAIT) {
            answer_t answer = exchange_unanswered(self->arena, conn->ask_index);
            conn_answer(self, i, &answer, now_ms);
        } else if (conn->state == CONN_STREAM) {
            conn_close(self, i);
        }
    }
}

bool agent_ask(web_loop_t *self, conn_t *conn, Kith__Api__Request *ask, int64_t now_ms)
{
    if (!connected(self, now_ms) || ask_send(self->ask, self->arena, ask) != KITH_OK)
        return false;
    conn->ask_id = ask->id;
    return true;
}

/* ---- streams ---- */

void agent_watch(web_loop_t *self, int64_t now_ms)
{
    const exchange_parts_t *parts = &self->start.parts;
    for (size_t i = 0; i < self->conns_max; i++) {
        conn_t *conn = self->conns[i];
        if (conn == NULL || conn->state != CONN_STREAM)
            continue;
        /* What ended a session or a token ends its streams. */
        if (!who_stands(parts->conf, parts->guard, parts->accounts, &conn->who, now_ms)) {
            conn_close(self, i);
            continue;
        }
        if (conn->ask_id != 0 || !conn_drained(conn))
            continue;
        Kith__Api__WatchRequest watch = KITH__API__WATCH_REQUEST__INIT;
        Kith__Api__Request ask = KITH__API__REQUEST__INIT;
        watch.after = conn->after;
        watch.wait_ms = STREAM_WAIT_MS;
        watch.limit = STREAM_LIMIT;
        ask.on_behalf_of = (char *)(uintptr_t)parts->conf->users[conn->who.user].name;
        ask.ask_case = KITH__API__REQUEST__ASK_WATCH;
        ask.watch = &watch;
        kith_arena_reset(self->arena);
        if (!agent_ask(self, conn, &ask, now_ms))
            conn_close(self, i);
    }
}

static void stream_more(web_loop_t *self, size_t place, const Kith__Api__Response *response,
                        int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    conn->ask_id = 0;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED) {
        conn_close(self, place); /* refused: the browser asks again and is told why */
        return;
    }
    const Kith__Api__FeedResponse *feed = response->feed;
    if (feed->n_entries == 0 && !conn_stream(self, place, kith_bytes_str(": \n\n"), now_ms))
        return;
    for (size_t i = 0; i < feed->n_entries; i++) {
        const Kith__Api__FeedEntry *entry = feed->entries[i];
        kith_json_t *value = KITH_JSON_OF(entry);
        const char *text =
            kith_arena_printf(self->arena, "id: %" PRIu64 "\nevent: entry\ndata: %s\n\n",
                              entry->seq, kith_json_text(self->arena, value));
        kith_json_destroy(&value);
        if (!conn_stream(self, place, kith_bytes_str(text), now_ms))
            return;
    }
    self->conns[place]->after = feed->cursor > conn->after ? feed->cursor : conn->after;
}

/* ---- what it says ---- */

static void take_one(web_loop_t *self, const Kith__Api__Response *response, int64_t now_ms)
{
    for (size_t i = 0; i < self->conns_max; i++) {
        conn_t *conn = self->conns[i];
        if (conn == NULL || conn->ask_id != response->id || conn->ask_id == 0)
            continue;
        if (conn->state == CONN_STREAM) {
            stream_more(self, i, response, now_ms);
        } else if (conn->state == CONN_WAIT) {
            answer_t answer = exchange_finish(self->arena, conn->ask_index, response);
            conn_answer(self, i, &answer, now_ms);
        }
        return;
    }
}

void agent_take(web_loop_t *self, int64_t now_ms)
{
    while (self->ask != NULL) {
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = ask_receive(self->ask, self->arena, 0, &response);
        if (err == KITH_OK)
            take_one(self, response, now_ms);
        else if (err == KITH_AGAIN)
            return;
        else
            gone(self, now_ms);
    }
}
