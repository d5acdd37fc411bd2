/* Does a call end its process by abort(), as a bug must? Tried in a child with its own stderr shut,
 * so that an expected bug does not look like one in the test's output. */
#pragma once

#include <stdbool.h>

bool dies(void (*call)(void *argument), void *argument);
