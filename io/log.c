#include "io/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* A longer line is cut: a log line is for reading. */
#define LINE_BYTES_MAX 1024

/* The name stands where the C library keeps it, so that this room has no variable of its own. */
void log_open(const char *program)
{
    program_invocation_short_name = (char *)program;
}

/* One event is one line, whatever the values hold. */
static void make_one_line(char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7f)
            line[i] = '?';
    }
}

static size_t clamp(int printed, size_t room)
{
    if (printed < 0)
        return 0;
    return (size_t)printed < room ? (size_t)printed : room - 1;
}

void log_event(const char *event, const char *format, ...)
{
    int errno_before = errno;
    char line[LINE_BYTES_MAX];
    size_t room = sizeof(line) - 1; /* for the newline */
    size_t size = clamp(snprintf(line, room, "%s %s ", program_invocation_short_name, event), room);
    va_list values;
    va_start(values, format);
    size += clamp(vsnprintf(line + size, room - size, format, values), room - size);
    va_end(values);
    if (size > 0 && line[size - 1] == ' ')
        size--;
    make_one_line(line, size);
    line[size++] = '\n';
    /* In one write, so that lines of several processes do not mix. When stderr is gone or full
     * there is nobody left to tell: work goes on. */
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR)
        continue;
    errno = errno_before;
}
