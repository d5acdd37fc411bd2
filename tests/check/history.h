/* Client histories: one JSON object a line, in the order in which things happened. For kith-check.
 *
 * Every line has "event" and "at_ms" (Unix time); then by event:
 *   submit    agency, token              asked (and perhaps never answered)
 *   answer    agency, token, status      status "ok": also id, recipients; else it was refused
 *   state     agency, id, recipient, state   what `kith show` says, in its words
 *   look      agency                     an answer about a family was shown
 *   kill      node                       a process was ended without being asked
 *   lost      node                       its whole store is gone
 *   healed, settled                      the last fault is over; nothing is owed any more
 *   allow     version, origin, recipient, class   that partnership file lets it be sent (I6): all
 *                                        that it allows is told, or nothing of it
 *   pace      ms, beside                 one delivery took so long; beside (true or false): while
 *                                        some other agency misbehaved (I12)
 *   fault     …                          what the harness did, in its own words: not judged
 * token and id are hex. Other fields are passed over; another event is an error. */
#pragma once

#include "tests/check/judge.h"

/* Reads a file into the judge. false: it cannot be read, or a line is not as above; ret_why (of
 * why_size bytes) says `FILE:LINE: what and what to do`. */
bool history_read(judge_t *judge, const char *path, char *ret_why, size_t why_size);
