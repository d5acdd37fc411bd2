/* Credit arithmetic. */
#include "base/credit.h"

#include "base/bug.h"
#include "base/limits.h"

void kith_credit_grant(kith_credit_t *credit, uint64_t messages, uint64_t bytes)
{
    if (credit->granted_bytes == 0) {
        credit->window_bytes = bytes;
    }
    if (messages > credit->granted_messages) {
        credit->granted_messages = messages;
    }
    if (bytes > credit->granted_bytes) {
        credit->granted_bytes = bytes;
    }
}

/* More credit never turns a yes into a no: the receiver, who knows of a grant before the sender
 * does, must not refuse what the sender was right to send. */
bool kith_credit_has(const kith_credit_t *credit, uint64_t bytes)
{
    if (credit->used_messages >= credit->granted_messages ||
        credit->used_bytes >= credit->granted_bytes) {
        return false;
    }
    uint64_t left = credit->granted_bytes - credit->used_bytes;
    return bytes <= left || left >= credit->window_bytes;
}

bool kith_credit_take(kith_credit_t *credit, uint64_t bytes)
{
    if (!kith_credit_has(credit, bytes)) {
        return false;
    }
    credit->used_messages++;
    credit->used_bytes += bytes;
    return true;
}

int kith_lane_for_place(uint64_t place, bool urgent_waits, bool normal_waits)
{
    if (!urgent_waits && !normal_waits) {
        return -1;
    }
    bool for_normal = place % KITH_NORMAL_SHARE == KITH_NORMAL_SHARE - 1 && !KITH_BUG(24);
    if (urgent_waits && (!for_normal || !normal_waits)) {
        return KITH_LANE_URGENT;
    }
    return KITH_LANE_NORMAL;
}
