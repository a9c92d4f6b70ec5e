/*
 * The file that services stamp and the driver reads, mapped shared by both.
 * A line of the cache for each slot, so that two services never share one.
 */
#ifndef BENCH_SLOTS_H
#define BENCH_SLOTS_H

#include <stdatomic.h>
#include <stdint.h>

struct slots_header {
  /* How many stamps were made in all: a futex word. */
  _Atomic uint32_t stamps;
  /* The stamp that reaches this number wakes the driver. */
  _Atomic uint32_t awaited;
  /* CLOCK_MONOTONIC nanoseconds just before the supervisor was executed. */
  int64_t executed_ns;
  char unused[48];
};

struct slot {
  /* CLOCK_MONOTONIC nanoseconds at main() of the newest run. */
  int64_t stamp_ns;
  int32_t pid;
  /* How many runs have stamped here; written last. */
  _Atomic uint32_t runs;
  char unused[48];
};

_Static_assert(sizeof(struct slots_header) == 64, "one cache line");
_Static_assert(sizeof(struct slot) == 64, "one cache line");

#endif
