/*
 * lines COUNT RATE: writes COUNT lines to standard output, RATE a second, one write(2) each: "line N due NS at NS". Times are
 * CLOCK_MONOTONIC in nanoseconds: when it was to be written, and the instant before it was.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000000;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

static void wait_until(int64_t due) {
  struct timespec time = {.tv_sec = due / second, .tv_nsec = due % second};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
    ;
}

int main(int argc, char **argv) {
  if (argc != 3 || atol(argv[2]) < 1) return 64;
  long count = atol(argv[1]);
  int64_t step = second / atol(argv[2]);
  int64_t begin = now();
  for (long number = 1; number <= count; number++) {
    int64_t due = begin + number * step;
    wait_until(due);
    char line[128];
    int length = snprintf(line, sizeof line, "line %ld due %" PRId64 " at %" PRId64 "\n", number, due, now());
    for (int written = 0; written < length;) {
      ssize_t result = write(1, line + written, (size_t)(length - written));
      if (result < 0 && errno != EINTR) return 1;
      if (result > 0) written += (int)result;
    }
  }
  return 0;
}
