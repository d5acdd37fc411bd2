/* xorshift64*: short, and good enough to choose test cases. */
#include "tests/lib/dice.h"

uint64_t dice_u64(dice_t *dice)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return dice->state * UINT64_C(2685821657736338717);
}

size_t dice_roll(dice_t *dice, size_t sides)
{
    return (size_t)(dice_u64(dice) >> 32) % sides;
}
