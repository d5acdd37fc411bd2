#include "broker/policy.h"

#include <string.h>

static policy_verdict_t refused(Kith__Reason reason, const char *clause)
{
    return (policy_verdict_t){.reason = reason, .clause = clause};
}

static policy_verdict_t allowed(void)
{
    return (policy_verdict_t){.clause = ""};
}

policy_verdict_t policy_judge_envelope(const kith_agreement_t *a, const char *agency,
                                       const Kith__Header *header)
{
    if (strcmp(header->partnership, a->partnership) != 0)
        return refused(KITH__REASON__REASON_WRONG_PARTNERSHIP, "");
    const kith_agency_t *origin = kith_agreement_agency(a, agency);
    if (!origin || strcmp(header->id->origin, agency) != 0)
        return refused(KITH__REASON__REASON_NOT_YOUR_NAME, "");

    /* Judging under another version than the origin's would refuse what its own copy allows, or the
     * other way round. A void says only that a number stays empty: no version can forbid that. */
    if (!header->void_ && header->partnership_version < a->version)
        return (policy_verdict_t){.clause = "", .stale = true};
    if (!header->void_ && header->partnership_version > a->version)
        return (policy_verdict_t){.clause = "", .later = true};

    if (header->id->epoch != origin->epoch)
        return refused(KITH__REASON__REASON_WRONG_EPOCH, "");
    if ((bool)header->exercise != a->exercise)
        return refused(KITH__REASON__REASON_EXERCISE_MIXED, "");
    if (header->n_slots > KITH_SLOTS_MAX)
        return refused(KITH__REASON__REASON_TOO_MANY_RECIPIENTS, "");
    return allowed();
}

/* The clause that the origin named must cover it; that another one would is told, not used: the
 * signed bytes say under which rule it was said. */
static policy_verdict_t judge_clause(const kith_agreement_t *a, const Kith__Header *header,
                                     const char *recipient)
{
    const char *origin = header->id->origin;
    const kith_clause_t *needed = kith_agreement_permits(a, origin, recipient, header->topic_class);
    const char *hint = needed ? needed->id : "";
    const kith_clause_t *clause = kith_agreement_clause(a, header->clause);
    if (!clause)
        return refused(KITH__REASON__REASON_UNKNOWN_CLAUSE, hint);
    if (!kith_clause_covers(clause, origin, recipient, header->topic_class))
        return refused(KITH__REASON__REASON_TOPIC_NOT_ALLOWED, hint);
    return allowed();
}

policy_verdict_t policy_judge_recipient(const kith_agreement_t *a, const Kith__Header *header,
                                        const Kith__Slot *slot)
{
    const kith_agency_t *recipient = kith_agreement_agency(a, slot->agency);
    if (!recipient)
        return refused(KITH__REASON__REASON_UNKNOWN_RECIPIENT, "");
    if (recipient->left)
        return refused(KITH__REASON__REASON_REMOVED, "");
    if (header->void_)
        return allowed();
    if (slot->epoch != recipient->epoch)
        return refused(KITH__REASON__REASON_WRONG_EPOCH, "");
    return judge_clause(a, header, slot->agency);
}
