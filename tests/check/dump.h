/* Final stores: LMDB folders read as they lie, with nothing of the product's code. For kith-check.
 *
 * Each table is an LMDB database of its name; each stored value ends in eight bytes of checksum
 * over the table's name, the key and the value (base/checksum.h tells how; it is computed here
 * anew). */
#pragma once

#include "tests/check/judge.h"

typedef enum dump_owner { DUMP_AGENT, DUMP_BROKER } dump_owner;

/* Reads a folder of a process that has ended into the judge. false: it cannot be read, or a row is
 * damaged; ret_why says `FOLDER: table: what`. */
bool dump_read(judge_t *judge, dump_owner owner, const char *name, const char *folder,
               char *ret_why, size_t why_size);

/* One number for all that a folder holds, but for the table `meta`, which each start changes: two
 * stores with the same one hold the same (I14). false as above. */
bool dump_digest(const char *folder, uint64_t *ret_digest, char *ret_why, size_t why_size);
