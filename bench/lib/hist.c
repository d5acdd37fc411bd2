#include "bench/lib/hist.h"

/* Below HIST_FINE a bucket is one value; above, the number's first seven bits name it. */
static unsigned bucket_of(uint64_t value)
{
    if (value < HIST_FINE)
        return (unsigned)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    return (power - 5) * HIST_FINE + (unsigned)(value >> (power - 6) & (HIST_FINE - 1));
}

static uint64_t value_of(unsigned bucket)
{
    if (bucket < HIST_FINE)
        return bucket;
    unsigned power = bucket / HIST_FINE + 5;
    return ((uint64_t)HIST_FINE + bucket % HIST_FINE) << (power - 6);
}

void hist_add(hist_t *hist, uint64_t ns)
{
    hist->counts[bucket_of(ns)]++;
    hist->total++;
}

void hist_merge(hist_t *into, const hist_t *from)
{
    for (unsigned i = 0; i < HIST_BUCKETS; i++)
        into->counts[i] += from->counts[i];
    into->total += from->total;
}

double hist_quantile_us(const hist_t *hist, double part)
{
    uint64_t wanted = (uint64_t)(part * (double)hist->total), seen = 0;
    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        seen += hist->counts[i];
        if (seen > wanted)
            return (double)value_of(i) / 1e3;
    }
    return 0;
}
