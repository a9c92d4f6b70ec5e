/* The page that the driver and the programs under an init share: a file, which the first program also finds as descriptor 9. */
#ifndef BENCH_MOMENT_H
#define BENCH_MOMENT_H

#include <stdatomic.h>
#include <stdint.h>

enum { moment_descriptor = 9 };

struct moment {
  /* How many stamps were made: a futex word. */
  _Atomic uint32_t stamps;
  uint32_t unused;
  /* CLOCK_MONOTONIC nanoseconds just before the init was executed. */
  int64_t executed_ns;
  /* Of the last stamp. */
  int64_t stamp_ns;
};

#endif
