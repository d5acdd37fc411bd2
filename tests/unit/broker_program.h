/* The real kith-broker on a free port in a fresh folder, and agents that are nothing but keys and a
 * connection. What is waited for is a log line, a packet or an exit; the deadline only ends a test
 * that has failed.
 *
 * Partnership exampletown: police, housing; clause 4.1: police may send `event` to all. */
#pragma once

#include "base/frame.h"
#include "io/link.h"
#include "io/seal.h"

#include <stdio.h>
#include <sys/types.h>

enum { HUB, POLICE, HOUSING, KEYS_COUNT };

#define PROGRAM_NAME_BYTES 256

typedef struct program {
    char folder[64];
    kith_keys_t *keys[KEYS_COUNT];
    kith_keys_t *spare; /* of an agency whose own key is revoked */
    seal_cache_t *cache;
    kith_arena_t *arena;
    kith_agreement_t *agreement; /* as the file says */
    link_context_t *context;
    link_client_t *clients[8]; /* those still open: a test that failed leaves some */
    pid_t pid;                 /* 0: not running */
    int log_fd;
    char log[64 * 1024]; /* all that it wrote to stderr and stdout */
    size_t log_size;
    char endpoint[128];
    /* What the files say; program_write writes them anew. */
    unsigned version, police_epoch;
    const char *police_key_state, *broker_line, *store_line, *limits_line, *listen, *liveness;
} program_t;

/* Writes keys and configuration; makes no store. */
program_t *program_new(void);
void program_destroy(program_t *p);
void program_write(program_t *p);
/* Runs it to its end with one more argument (NULL: none); the exit status. Its words are in log. */
int program_run(program_t *p, const char *argument);
/* Makes the store when there is none, starts it and waits for `ready`. */
void program_start(program_t *p);
void program_signal(program_t *p, int number);
/* Until a line with this word was logged. */
void program_wait_log(program_t *p, const char *word);
/* The exit status, or minus the signal that ended it. */
int program_wait_exit(program_t *p);

/* ---- an agent ---- */
typedef struct peer {
    program_t *program;
    int who;
    link_client_t *client;
    link_poll_t *poll;
    kith_frame_reader_t *reader; /* of the frame being read; NULL: none */
    uint64_t dial;
} peer_t;

/* The first news of a connection with these keys. */
link_news peer_dial_with(program_t *p, const kith_keys_t *keys, peer_t *ret_peer);
/* Connected and welcomed, with full credit. */
peer_t peer_join(program_t *p, int who, uint64_t dial);
void peer_leave(peer_t *peer);
void peer_send(peer_t *peer, const Kith__Packet *packet);
void peer_send_raw(peer_t *peer, const void *frame, size_t size);
/* The next packet with this verb; others are passed over. */
Kith__Packet *peer_receive(peer_t *peer, Kith__Packet__VerbCase verb);
Kith__Packet *peer_receive_any(peer_t *peer, Kith__Packet__VerbCase verb,
                               Kith__Packet__VerbCase other);
void peer_hello(peer_t *peer);
/* Until the broker has hung up. */
void peer_wait_down(peer_t *peer);

/* A sealed and signed envelope of police for housing, number n. */
Kith__Envelope *program_seal(program_t *p, int lane, uint64_t n, size_t text_size);
void peer_publish(peer_t *peer, Kith__Envelope *envelope);
