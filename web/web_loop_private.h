/* What the loop's files share. Files: web_loop.c (the turn) · web_loop_conn.c (one connection) ·
 * web_loop_agent.c (what is asked of the agent). */
#pragma once

#include "io/ask.h"
#include "web/web_loop.h"

/* A stream's peer that takes nothing is cut when so much waits for it. */
#define STREAM_BACKLOG_MAX (1024u * 1024u)
/* A held WATCH ends after this, with a comment line: a gone browser is found at the next write. */
#define STREAM_WAIT_MS 15000u
#define STREAM_LIMIT   100u
/* After an answer the peer has so long to hear of it. */
#define LINGER_MS 2000

typedef enum conn_state {
    CONN_HEAD,   /* the head is being read */
    CONN_BODY,   /* admitted; the body is being read */
    CONN_WAIT,   /* the agent is asked */
    CONN_STREAM, /* the feed, until either end has enough */
    CONN_ANSWER, /* the answer is being written */
    CONN_LINGER, /* written; what still comes is dropped until the peer ends */
} conn_state;

typedef struct buffer {
    uint8_t *data;
    size_t size, room, done; /* done: of what is to be sent */
} buffer_t;

typedef struct conn {
    wire_t wire;
    conn_state state;
    uint32_t interest; /* what epoll was told */
    buffer_t in, out;
    size_t head_size, body_size;
    bool no_body;                  /* HEAD */
    int64_t begun_ms, deadline_ms; /* monotonic; INT64_MAX: none */
    uint64_t ask_id;               /* 0: nothing is asked for it */
    size_t ask_index;
    who_t who;      /* of a stream */
    uint64_t after; /* the last entry that was written */
} conn_t;

struct web_loop {
    web_start_t start;
    kith_arena_t *arena, *room;
    int epoll_fd, signal_fd;
    size_t conns_max, conns_count;
    conn_t **conns; /* by place; NULL: free */
    ask_t *ask;     /* NULL: not connected */
    link_poll_t *poll;
    int64_t ask_again_ms; /* no dial before */
    int64_t full_said_ms; /* the log names a full house once a minute */
    bool stopping;
};

/* web_loop_conn.c */
void conn_open(web_loop_t *self, size_t place, const wire_t *wire, int64_t now_ms);
void conn_close(web_loop_t *self, size_t place);
/* The socket is ready for something. */
void conn_ready(web_loop_t *self, size_t place, int64_t now_ms);
void conn_answer(web_loop_t *self, size_t place, const answer_t *answer, int64_t now_ms);
/* Its deadline is over. */
void conn_late(web_loop_t *self, size_t place, int64_t now_ms);
/* More of a stream. false: it was cut. */
bool conn_stream(web_loop_t *self, size_t place, kith_bytes_t text, int64_t now_ms);
/* Nothing waits to be written. */
bool conn_drained(const conn_t *conn);

/* web_loop_agent.c */
/* Asks for this connection; false: nobody could be asked. */
bool agent_ask(web_loop_t *self, conn_t *conn, Kith__Api__Request *ask, int64_t now_ms);
/* Takes what the agent has said. */
void agent_take(web_loop_t *self, int64_t now_ms);
/* Streams that ask for nothing ask for what comes next. */
void agent_watch(web_loop_t *self, int64_t now_ms);
