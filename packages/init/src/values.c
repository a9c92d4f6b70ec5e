#include "values.h"

#include <signal.h>
#include <string.h>

#include "signals.h"

#define YEAR_MS (INT64_C(365) * 24 * 3600 * 1000)

bool value_number(const char *text, size_t length, int64_t highest, int64_t *number) {
  if (length == 0) return false;
  int64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    sum = sum * 10 + (text[i] - '0');
    if (sum > highest) return false;
  }
  *number = sum;
  return true;
}

/* The unit at the start of the text in milliseconds, or 0; its length. Longer names first: "ms" is not "m". */
static int64_t unit_at(const char *text, size_t *length) {
  static const struct {
    char name[4];
    int64_t milliseconds;
  } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    *length = strlen(units[i].name);
    if (strncmp(text, units[i].name, *length) == 0) return units[i].milliseconds;
  }
  return 0;
}

bool value_duration(const char *text, int64_t *milliseconds) {
  if (strcmp(text, "0") == 0) {
    *milliseconds = 0;
    return true;
  }
  int64_t sum = 0;
  int64_t last_unit = INT64_MAX;
  if (*text == '\0') return false;
  while (*text != '\0') {
    size_t digits = strspn(text, "0123456789"), length;
    int64_t number, unit = unit_at(text + digits, &length);
    if (unit == 0 || unit >= last_unit || !value_number(text, digits, YEAR_MS / unit, &number)) return false;
    last_unit = unit;
    sum += number * unit;
    text += digits + length;
  }
  if (sum > YEAR_MS) return false;
  *milliseconds = sum;
  return true;
}

bool value_exit_codes(const char *text, struct options *options) {
  const char *colon = strchr(text, ':');
  int64_t from, to;
  if (!colon || !value_number(text, (size_t)(colon - text), 255, &from) ||
      !value_number(colon + 1, strlen(colon + 1), 255, &to))
    return false;
  options->exit_code[from] = (uint8_t)to;
  return true;
}

bool value_rewrite(const char *text, struct options *options) {
  const char *colon = strchr(text, ':');
  char name[16];
  if (!colon || (size_t)(colon - text) >= sizeof name) return false;
  size_t length = (size_t)(colon - text);
  memcpy(name, text, length);
  name[length] = '\0';
  int from = signal_number(name);
  bool drop = strcmp(colon + 1, "0") == 0;
  int to = drop ? 0 : signal_number(colon + 1);
  if (from == 0 || (to == 0 && !drop)) return false;
  /* What never comes to be passed on cannot be rewritten; dumb-init says nothing of it, and an image that was written for it has to start. */
  const bool comes = from != SIGKILL && from != SIGSTOP && from != SIGCHLD;
  if (!comes && options->personality != PERSONALITY_DUMB_INIT) return false;
  options->rewrite[from] = (uint8_t)to;
  return true;
}
