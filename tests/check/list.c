/* Lists of the judge: filled, sorted once, then searched. */
#include "tests/check/judge_private.h"

#include <stdlib.h>
#include <string.h>

void *list_add(list_t *list, size_t item_size)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->items = realloc(list->items, list->capacity * item_size);
        if (!list->items)
            abort();
    }
    list->item_size = item_size;
    void *item = (char *)list->items + list->count++ * item_size;
    memset(item, 0, item_size);
    return item;
}

void list_free(list_t *list)
{
    free(list->items);
    *list = (list_t){0};
}

void list_sort(list_t *list, int (*compare)(const void *, const void *))
{
    if (list->count)
        qsort(list->items, list->count, list->item_size, compare);
}

void *list_find(const list_t *list, const void *key, int (*compare)(const void *, const void *))
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare((const char *)list->items + middle * list->item_size, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    void *item = (char *)list->items + low * list->item_size;
    return low < list->count && compare(item, key) == 0 ? item : NULL;
}

bool same_id(const notice_id_t *a, const notice_id_t *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

int compare_notices(const void *a, const void *b)
{
    return memcmp(&((const notice_t *)a)->id, &((const notice_t *)b)->id, ID_SIZE);
}

int compare_debts(const void *a, const void *b)
{
    const debt_t *x = a, *y = b;
    int order = memcmp(&x->id, &y->id, ID_SIZE);
    return order ? order : strcmp(x->recipient, y->recipient);
}

int compare_applied(const void *a, const void *b)
{
    const applied_t *x = a, *y = b;
    int order = strcmp(x->origin, y->origin);
    return order ? order : memcmp(&x->id, &y->id, ID_SIZE);
}

static int order_of(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_streams(const stream_t *a, const stream_t *b)
{
    int order = strcmp(a->peer, b->peer);
    if (!order)
        order = order_of(a->peer_epoch, b->peer_epoch);
    if (!order)
        order = a->lane - b->lane;
    return order ? order : order_of(a->own_epoch, b->own_epoch);
}

int compare_taken(const void *a, const void *b)
{
    const taken_t *x = a, *y = b;
    int order = compare_streams(&x->stream, &y->stream);
    return order ? order : order_of(x->n, y->n);
}

int compare_marks(const void *a, const void *b)
{
    return compare_streams(&((const mark_t *)a)->stream, &((const mark_t *)b)->stream);
}

int compare_feed(const void *a, const void *b)
{
    const feed_t *x = a, *y = b;
    int order = memcmp(&x->id, &y->id, ID_SIZE);
    return order ? order : order_of(x->seq, y->seq);
}

int compare_tokens(const void *a, const void *b)
{
    return strcmp(((const token_t *)a)->hex, ((const token_t *)b)->hex);
}

int compare_told(const void *a, const void *b)
{
    const told_t *x = a, *y = b;
    int order = memcmp(&x->id, &y->id, ID_SIZE);
    if (!order)
        order = strcmp(x->recipient, y->recipient);
    return order ? order : strcmp(x->kind, y->kind);
}

int compare_kept(const void *a, const void *b)
{
    const kept_t *x = a, *y = b;
    int order = strcmp(x->recipient, y->recipient);
    return order ? order : memcmp(x->digest, y->digest, DIGEST_SIZE);
}

int compare_versions(const void *a, const void *b)
{
    return order_of(((const allowed_t *)a)->version, ((const allowed_t *)b)->version);
}

int compare_allowed(const void *a, const void *b)
{
    const allowed_t *x = a, *y = b;
    int order = compare_versions(a, b);
    if (!order)
        order = strcmp(x->origin, y->origin);
    if (!order)
        order = strcmp(x->recipient, y->recipient);
    return order ? order : strcmp(x->topic_class, y->topic_class);
}

int compare_numbers(const void *a, const void *b)
{
    return order_of(*(const uint64_t *)a, *(const uint64_t *)b);
}
