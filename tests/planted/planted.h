/* Which of the bugs of tests/planted/bugs.tsv is planted in this process: one, or none (0). It
 * begins as KITH_PLANTED_BUG in the environment says, so that the planted programs need no option
 * that the shipped ones have not. */
#pragma once

void kith_planted_set(int bug);
