/* The log: one line an event on stderr, `event key=value …`. Ids, counts, reasons and names of
 * agencies, brokers and settings only; never a body, a person's name or an address (a test plants
 * canaries). Programs log; library rooms return errors. */
#pragma once

#include <stdint.h>

/* Program name, first on each line. Borrowed for ever. */
void log_open(const char *program);

/* log_event("refused", "origin=%s seq=%llu reason=%s", …). Values hold no blanks. */
void log_event(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
