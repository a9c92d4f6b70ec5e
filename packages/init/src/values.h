/* Values of options: numbers, durations, pairs. Nothing is guessed: what is not understood whole is refused. */
#ifndef SUPERVISE_INIT_VALUES_H
#define SUPERVISE_INIT_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

/* Digits only, up to `highest`. False for anything else. */
bool value_number(const char *text, size_t length, int64_t highest, int64_t *number);

/* "10s", "500ms", "1m30s", "2h"; "0" needs no unit. In milliseconds, at most a year. */
bool value_duration(const char *text, int64_t *milliseconds);

/* "143:0": exit code 143 is given as 0. */
bool value_exit_codes(const char *text, struct options *options);

/* "15:3" or "TERM:QUIT"; "15:0" drops the signal. KILL, STOP and CHLD cannot be rewritten: they are never forwarded. */
bool value_rewrite(const char *text, struct options *options);

#endif
