#include "tests/lib/world_mailbox.h"

#include "base/bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_op(world_broker_t *b, const world_op_t *op)
{
    b->ops = world_grown(b->ops, b->ops_count, &b->ops_capacity, sizeof *b->ops);
    b->ops[b->ops_count++] = *op;
}

void world_mailbox_put(world_broker_t *b, const mailbox_put_t *put)
{
    for (size_t i = 0; i < put->recipients_count; i++) {
        world_op_t op = {.is_put = true};
        (void)snprintf(op.row.recipient, sizeof op.row.recipient, "%s", put->recipients[i]);
        op.row.lane = put->lane;
        op.row.kind = put->kind;
        op.row.digest = put->digest;
        op.row.judged_version = put->judged_version;
        op.row.size = put->body.size;
        op.row.body = malloc(put->body.size + 1);
        KITH_ASSERT(op.row.body);
        memcpy(op.row.body, put->body.data, put->body.size);
        add_op(b, &op);
    }
}

void world_mailbox_done(world_broker_t *b, const char *recipient, uint64_t token)
{
    world_op_t op = {.row.token = token};
    (void)snprintf(op.row.recipient, sizeof op.row.recipient, "%s", recipient);
    add_op(b, &op);
}

static void keep_put(world_broker_t *b, world_row_t row)
{
    for (size_t i = 0; i < b->rows_count; i++) {
        if (strcmp(b->rows[i].recipient, row.recipient) == 0 &&
            memcmp(&b->rows[i].digest, &row.digest, sizeof row.digest) == 0) {
            free(row.body);
            return;
        }
    }
    row.token = ++b->last_token;
    b->rows = world_grown(b->rows, b->rows_count, &b->rows_capacity, sizeof *b->rows);
    b->rows[b->rows_count++] = row;
}

static void keep_done(world_broker_t *b, const world_row_t *done)
{
    for (size_t i = 0; i < b->rows_count; i++) {
        world_row_t *row = &b->rows[i];
        if (row->token != done->token || strcmp(row->recipient, done->recipient) != 0)
            continue;
        for (size_t j = 0; KITH_BUG(13) && j < b->rows_count; j++)
            b->rows[j].bodiless |=
                memcmp(&b->rows[j].digest, &row->digest, sizeof row->digest) == 0;
        free(row->body);
        memmove(row, row + 1, (b->rows_count - i - 1) * sizeof *row);
        b->rows_count--;
        return;
    }
}

void world_mailbox_flush(world_broker_t *b, size_t count, bool keep)
{
    for (size_t i = 0; i < count; i++) {
        if (keep && b->ops[i].is_put)
            keep_put(b, b->ops[i].row);
        else if (keep)
            keep_done(b, &b->ops[i].row);
        else
            free(b->ops[i].row.body);
    }
    b->ops_count -= count;
    if (b->ops_count > 0)
        memmove(b->ops, b->ops + count, b->ops_count * sizeof *b->ops);
}

void world_mailbox_throw_away(world_broker_t *b)
{
    world_mailbox_flush(b, b->ops_count, false);
}

mailbox_count_t world_mailbox_count(const world_broker_t *b, const char *recipient, int lane)
{
    mailbox_count_t count = {0};
    for (size_t i = 0; i < b->rows_count; i++) {
        const world_row_t *row = &b->rows[i];
        if (row->lane != lane || strcmp(row->recipient, recipient) != 0)
            continue;
        if (row->kind == MAILBOX_ENVELOPE) {
            count.messages++;
            count.bytes += row->size;
        } else {
            count.others++;
        }
    }
    return count;
}
