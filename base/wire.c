#include "base/wire.h"

static bool varint(kith_bytes_t *rest, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; rest->size > 0 && shift < 64; shift += 7) {
        uint8_t byte = *rest->data++;
        rest->size--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool take(kith_bytes_t *rest, uint64_t size, kith_bytes_t *ret_bytes)
{
    if (size > rest->size)
        return false;
    *ret_bytes = (kith_bytes_t){rest->data, (size_t)size};
    rest->data += size;
    rest->size -= (size_t)size;
    return true;
}

bool kith_wire_next(kith_bytes_t *rest, kith_wire_field_t *ret_field)
{
    uint64_t tag = 0, size = 0;
    *ret_field = (kith_wire_field_t){0};
    if (!varint(rest, &tag) || tag > UINT32_MAX)
        return false;
    ret_field->number = (uint32_t)(tag >> 3);
    ret_field->type = (unsigned)(tag & 7);
    switch (ret_field->type) {
    case 0:
        return varint(rest, &ret_field->value);
    case 1:
        return take(rest, 8, &ret_field->bytes);
    case 2:
        return varint(rest, &size) && take(rest, size, &ret_field->bytes);
    case 5:
        return take(rest, 4, &ret_field->bytes);
    default:
        return false;
    }
}

bool kith_wire_find(kith_bytes_t message, uint32_t number, kith_wire_field_t *ret_field)
{
    while (kith_wire_next(&message, ret_field))
        if (ret_field->number == number)
            return true;
    return false;
}

bool kith_wire_find_at(kith_bytes_t message, const uint32_t *path, size_t path_count,
                       kith_wire_field_t *ret_field)
{
    for (size_t i = 0; i < path_count; i++) {
        if (!kith_wire_find(message, path[i], ret_field))
            return false;
        message = ret_field->bytes;
    }
    return true;
}
