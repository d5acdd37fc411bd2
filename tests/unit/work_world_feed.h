/* What stands around the feed in the world of work_world.h: looks, snoozes, time and tellings. */
#pragma once

#include "tests/unit/work_world.h"

#define HOUR (60 * MINUTE)

/* The agencies' people are told: 30 s, 5 min, 24 h, and the digest at 16:00 on working days. */
void world_tells(world_t *w);
/* A call-out of the police, or what else the topic says, about this household. */
Kith__Notice *world_say_event(world_t *w, const char *topic, ProtobufCBinaryData household);
/* A user of the agency has looked at all up to there; UINT64_MAX: all there is. */
void world_looked(world_t *w, const char *agency, const char *user, ProtobufCBinaryData household,
                  uint64_t up_to);
/* w->refusal is filled. */
kith_err world_try_snooze(world_t *w, const char *agency, const Kith__Api__SnoozeRequest *ask,
                          Kith__Api__Snooze *ret_snooze);
Kith__Api__SnoozesResponse *world_snoozes(world_t *w, const char *agency, bool ended);
Kith__Api__TellingsResponse *world_tellings(world_t *w, const char *agency, uint64_t after);
/* "reason entries; …" of what was told after that one. */
const char *world_told(world_t *w, const char *agency, uint64_t after);
/* Time passes until then: the agency ticks when something is due, as its loop does. */
void world_pass(world_t *w, const char *agency, int64_t until_ms);
