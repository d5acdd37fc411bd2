/* The random bytes of what ships, from a seed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Before anything asks for random bytes. false: libsodium cannot be used. */
bool chance_begin(void);
/* From here on the same bytes for the same seed. */
void chance_seed(uint64_t seed);
