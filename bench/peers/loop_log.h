/* The bare loop's log: messages by number, trimmed below the lowest cursor, in LMDB. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct loop_log loop_log_t;

loop_log_t *loop_log_open(const char *folder);
/* One transaction a turn: begin, appends and trim, commit (with fsync). */
void loop_log_begin(loop_log_t *self);
void loop_log_append(loop_log_t *self, uint64_t number, const void *data, size_t size);
void loop_log_trim(loop_log_t *self, uint64_t below);
void loop_log_commit(loop_log_t *self);
/* Reading, between commits. Borrowed until the end. */
void loop_log_read_begin(loop_log_t *self);
const void *loop_log_read(loop_log_t *self, uint64_t number, size_t *ret_size);
void loop_log_read_end(loop_log_t *self);
