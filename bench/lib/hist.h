/* Times in buckets: 64 for each power of two, so a quantile is right within 2%. */
#pragma once

#include <stdint.h>

#define HIST_FINE    64u
#define HIST_BUCKETS (64u * HIST_FINE)

typedef struct hist {
    uint64_t total;
    uint64_t counts[HIST_BUCKETS];
} hist_t;

void hist_add(hist_t *hist, uint64_t ns);
void hist_merge(hist_t *into, const hist_t *from);
/* part: 0.5 is the median. 0 when nothing was added. */
double hist_quantile_us(const hist_t *hist, double part);
