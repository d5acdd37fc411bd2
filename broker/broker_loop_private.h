/* What the loop's files share. Nobody else includes this.
 *
 * Files: broker_loop.c (life, poll, signals, reload) · broker_loop_turn.c (drain, commit, fetch) ·
 * broker_loop_effects.c (effects: writes, alarms) · broker_loop_done.c (what waits to be freed) ·
 * broker_loop_send.c (the outbox). */
#pragma once

#include "broker/broker_core.h"
#include "broker/broker_door.h"
#include "broker/broker_loop.h"
#include "broker/self_test.h"
#include "io/link.h"
#include "io/seal.h"
#include "io/zap.h"

/* Frames queued for one peer: above all that credit lets through, should each go alone. */
#define LOOP_HWM 4096u
/* Packets are put together into frames of this size, or alone: while one is boxed and sent the next
 * is made, and the peer opens the one before. */
#define LOOP_FRAME_BYTES (128u * 1024u)
/* Bodies put in one batch, so that a commit stays short: this part of the reserve, within these. */
#define LOOP_BATCH_SHARE     8u
#define LOOP_BATCH_BYTES_MIN (64u * 1024u)
#define LOOP_BATCH_BYTES_MAX (16u * 1024u * 1024u)
/* What one frame's packets may take of the turn's arena, at the very most. */
#define LOOP_FRAME_ROOM_BYTES (96u * 1024u * 1024u)
/* How often the disk is asked how full it is. */
#define LOOP_ROOM_MS 100
/* Alarms logged in a minute; the rest is counted: a hostile peer does not fill the log. */
#define LOOP_ALARMS_MAX 100u

/* What is TAKEN is freed with the next batch that has something to keep, or after so long. */
#define LOOP_DONE_MS  50
#define LOOP_DONE_MAX 8192u

/* One copy to be freed. */
typedef struct loop_done {
    char agency[KITH_NAME_MAX + 1];
    uint64_t token;
} loop_done_t;

/* One mailbox lane that the open batch changes. */
typedef struct loop_touched {
    char agency[KITH_NAME_MAX + 1];
    int lane;
} loop_touched_t;

/* One thing to send, in order within its route. */
typedef struct loop_out {
    uint64_t route;
    size_t order, size;
    const broker_effect_t *effect; /* SEND, DELIVER or HANGUP, in the turn's arena */
} loop_out_t;

/* A list in the turn's arena. */
typedef struct loop_list {
    size_t count, capacity;
    void *items;
} loop_list_t;

struct broker_loop {
    const broker_conf_t *conf;
    const kith_agreement_t *agreement;
    kith_arena_t *agreement_arena, *former_arena; /* former: until the turn's end */
    kith_keys_t *keys;
    char signing_name[KITH_KEY_NAME_SIZE];
    kith_mailbox_t *mailbox;

    link_context_t *context;
    kith_zap_t *zap;
    link_server_t *server;
    link_poll_t *poll;
    char endpoint[128];
    int signal_fd;
    self_test_t self_test;
    uint64_t not_admitted;        /* handshakes that the door refused … */
    int64_t not_admitted_mono_ms; /* … and when one was last logged */
    seal_cache_t *cache;

    broker_core_t *core;
    uint64_t batch;         /* the open one's number */
    bool dirty;             /* something is in it */
    bool flushing;          /* the one before is on its way to the disk */
    uint64_t flushed_batch; /* its number */
    bool tick_owed;         /* since it was durable there was none */
    uint64_t batch_bytes;   /* of bodies: in it now … */
    uint64_t batch_bytes_max;
    uint64_t put_bytes;    /* … and since the disk was looked at */
    kith_err write_failed; /* of a put or done: the batch will not flush */
    size_t touched_count, touched_capacity;
    loop_touched_t *touched;
    size_t dones_count;
    loop_done_t *dones;    /* LOOP_DONE_MAX */
    int64_t dones_mono_ms; /* when the first of them must be written … */
    bool dones_hurry;      /* … or now */

    kith_arena_t *arena;  /* the turn's */
    kith_arena_t *packet; /* one packet, decoded */
    bool reading;         /* the mailbox: writes wait for the end of the turn's commit */
    broker_effects_t effects;
    loop_list_t outs;    /* loop_out_t */
    loop_list_t fetches; /* broker_effect_t * */
    loop_list_t writes;  /* broker_effect_t *: PUT and DONE that wait */

    int64_t now_ms, mono_ms; /* of this turn */
    int64_t room_mono_ms;    /* when the disk was looked at */
    bool walk_done;          /* through the mailbox, once … */
    int64_t walk_mono_ms;    /* … its next part is due */
    bool normal_fits, urgent_fits;
    uint64_t full_free_bytes; /* free when a write failed for lack of room; 0: none did */
    int64_t alarms_mono_ms;
    unsigned alarms;
    uint64_t alarms_unsaid;
    bool stopping;
};

/* ---- broker_loop.c ---- */
/* A new core from the mailbox: at start, and after a batch that failed. KITH_CORRUPT, KITH_IO. */
kith_err loop_core_begin(broker_loop_t *self);

/* ---- broker_loop_turn.c ---- */
/* An error ends the process; one turn is done. */
kith_err loop_turn(broker_loop_t *self);
void loop_look_at_disk(broker_loop_t *self, bool now);
/* Steps the core and sorts out what it asks for. */
void loop_step(broker_loop_t *self, broker_event_t *event);

/* ---- broker_loop_effects.c ---- */
void *loop_append(broker_loop_t *self, loop_list_t *list, size_t item_size);
/* What the last step asked for: writes at once, or later while fetches are read; the rest queued.
 */
void loop_effects(broker_loop_t *self);
/* The writes that waited, into the open batch. */
void loop_writes(broker_loop_t *self);
void loop_touch(broker_loop_t *self, const char *agency, int lane);
/* The first error stays: the batch is then only good for being thrown away. */
void loop_note_write(broker_loop_t *self, kith_err err);

/* ---- broker_loop_done.c ---- */
void loop_done(broker_loop_t *self, const char *agency, uint64_t token);
/* Into the open batch, if that is dirty or it is time. */
void loop_dones_write(broker_loop_t *self);
/* A session begins or a member left: what was TAKEN must be gone before anything is read. */
void loop_dones_hurry(broker_loop_t *self);
int64_t loop_dones_wait_ms(const broker_loop_t *self, int64_t mono_ms, int64_t wait_ms);

/* ---- broker_loop_send.c ---- */
void loop_out(broker_loop_t *self, uint64_t route, const broker_effect_t *effect);
/* All that is queued, many packets to a frame; a route that cannot be sent to is LOST. */
void loop_send(broker_loop_t *self);
