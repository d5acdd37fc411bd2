/* Chance for what ships, from a seed: libsodium's random bytes are replaced in this process. */
#include "tests/sim/chance.h"

#include "tests/lib/dice.h"

#include <sodium.h>
#include <string.h>

static dice_t dice = {1}; /* lint: allow mutable-global, because libsodium's hook has no argument */

static const char *name(void)
{
    return "a seed";
}

static uint32_t word(void)
{
    return (uint32_t)(dice_u64(&dice) >> 32);
}

static void bytes(void *const buffer, const size_t size)
{
    uint8_t *out = buffer;
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t number = dice_u64(&dice);
        memcpy(out + i, &number, size - i < sizeof number ? size - i : sizeof number);
    }
}

bool chance_begin(void)
{
    static randombytes_implementation chance = {
        .implementation_name = name, .random = word, .buf = bytes};
    return randombytes_set_implementation(&chance) == 0 && sodium_init() >= 0;
}

void chance_seed(uint64_t seed)
{
    dice.state = seed | 1;
}
