/* Numbers that look random and are the same in every run: a failure is (seed, step) and replays. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct dice {
    uint64_t state; /* the seed; not 0 */
} dice_t;

/* xorshift64* */
uint64_t dice_u64(dice_t *dice);
/* 0 .. sides - 1; sides above 0. */
size_t dice_roll(dice_t *dice, size_t sides);
