/* Deeds of which every call of the store is made to fail, one after the other: the error comes out
 * as it is. */
#pragma once

#include "tests/unit/work_world.h"

/* One thing an agency does, with what it is about. */
typedef struct deed {
    const char *agency;
    const Kith__Api__Draft *draft;
    const Kith__Notice *notice; /* own when the agency is its origin */
    bool early;
    ProtobufCBinaryData household;
    Kith__Outcome outcome;
    int64_t now_ms;
} deed_t;

typedef kith_err deed_f(world_t *w, const deed_t *deed, kith_txn_t *txn);

/* Fails each call in turn until the deed is done without a failure. */
void faults_try_each(world_t *w, deed_f *run, const deed_t *deed);
kith_err faults_prepare(world_t *w, const deed_t *deed, kith_txn_t *txn);
kith_err faults_apply(world_t *w, const deed_t *deed, kith_txn_t *txn);
kith_err faults_tick(world_t *w, const deed_t *deed, kith_txn_t *txn);
/* The alert, or the referral, that the deed is about; and what is around it. */
kith_err faults_ask_more(world_t *w, const deed_t *deed, kith_txn_t *txn);
/* The notice as it is, into an agency that has not had it, and into its origin once more. */
void faults_apply_at(world_t *w, const char *agency, const Kith__Api__Draft *draft,
                     const char *const *others);

/* What the deeds are about: a household with a lead, an alert, a referral, a stray event. */
typedef struct stage {
    ProtobufCBinaryData household;
    Kith__Notice *stray, *alert, *referral;
} stage_t;
stage_t faults_stage(world_t *w);
