/* Runs a fuzz target over files and folders: the committed corpus, or a crash that was found. Also
 * prefixes and single flipped bits of each file, at PLACES_MAX of its bytes at most, so that a
 * replay tries a little more than was kept. Exit 1 when there was nothing to run: a replay of
 * nothing proves nothing. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 32u

static size_t runs;

static void try_around(const uint8_t *data, size_t size)
{
    LLVMFuzzerTestOneInput(data, size);
    uint8_t *copy = malloc(size + 1);
    KITH_ASSERT(copy);
    for (size_t i = 0; i < size; i += 1 + size / PLACES_MAX) {
        memcpy(copy, data, size);
        copy[i] ^= (uint8_t)(1u << (i % 8));
        LLVMFuzzerTestOneInput(copy, size);
        LLVMFuzzerTestOneInput(data, i);
        runs += 2;
    }
    free(copy);
    runs++;
}

static void run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    KITH_ASSERT(file);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    try_around(data, size);
}

static void run_path(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        run_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        KITH_ASSERT(snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) <
                    (int)sizeof inner);
        run_file(inner);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("%zu runs\n", runs);
    return runs ? 0 : 1;
}
