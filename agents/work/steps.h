/* The steps of a thing's life, kept in their order: by when they were made, of one time by the id
 * of the notice. For a row with `steps` that have notice_id, step and at_ms. */
#pragma once

#include "agents/work/parts.h"

/* No step of this life stands before all others, whatever its time. */
#define STEPS_NO_FIRST (-1)

/* Defines insert_step of these rows. first: the step that begins the life. */
#define STEPS_IN_ORDER(Row, Step, first)                                                           \
    static inline bool step_before(const Step *a, const Step *b)                                   \
    {                                                                                              \
        if ((int)a->step == (first) || (int)b->step == (first)) {                                  \
            return (int)a->step == (first);                                                        \
        }                                                                                          \
        return said_later((said_t){b->at_ms, bytes_of(b->notice_id)},                              \
                          (said_t){a->at_ms, bytes_of(a->notice_id)});                             \
    }                                                                                              \
    static inline void insert_step(kith_arena_t *arena, Row *row, Step *step)                      \
    {                                                                                              \
        Step **steps = kith_arena_need(arena, (row->n_steps + 1) * sizeof *steps);                 \
        size_t i = 0;                                                                              \
        for (; i < row->n_steps && step_before(row->steps[i], step); i++) {                        \
            steps[i] = row->steps[i];                                                              \
        }                                                                                          \
        steps[i] = step;                                                                           \
        for (; i < row->n_steps; i++) {                                                            \
            steps[i + 1] = row->steps[i];                                                          \
        }                                                                                          \
        row->steps = steps;                                                                        \
        row->n_steps++;                                                                            \
    }

/* Defines find_step of these rows: NULL when there is none of this notice. */
#define STEPS_BY_NOTICE(Row, Step)                                                                 \
    static inline Step *find_step(const Row *row, ProtobufCBinaryData notice_id)                   \
    {                                                                                              \
        for (size_t i = 0; i < row->n_steps; i++) {                                                \
            if (same_id(row->steps[i]->notice_id, notice_id)) {                                    \
                return row->steps[i];                                                              \
            }                                                                                      \
        }                                                                                          \
        return NULL;                                                                               \
    }
