/* Bugs planted on purpose, so that a check can show that it would see them (docs/RELIABILITY.md).
 *
 * KITH_BUG(number) stands in a condition at the place where the bug would be. In what ships it is a
 * constant 0 and the compiler leaves nothing of it (lint.purity looks). Compiled with
 * -DKITH_PLANTED it asks tests/planted/planted.c whether that bug is planted in this process.
 * tests/planted/bugs.tsv names each number. */
#pragma once

#ifdef KITH_PLANTED
int kith_planted_bug(void);
#define KITH_BUG(number) (kith_planted_bug() == (number))
#else
#define KITH_BUG(number) ((number) == 0) /* they begin at 1 */
#endif
