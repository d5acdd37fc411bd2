/* A fuzz target is one function. With clang it is driven by libFuzzer (preset `fuzz`); everywhere
 * else replay.c runs it over the committed corpus. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
