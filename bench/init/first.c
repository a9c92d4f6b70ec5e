/*
 * What runs under an init when its start is measured: takes the time by its very first instructions, leaves it in the shared page and
 * ends. Without a C library, whose start would take half a millisecond and hide what the inits differ in.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "../../packages/init/src/bare/call.h"
#include "moment.h"

#if defined(__x86_64__)
__attribute__((force_align_arg_pointer))
#endif
__attribute__((used, noreturn)) void
_start(void) {
  struct timespec now;
  call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
  long page = call(SYS_mmap, 0, sizeof(struct moment), PROT_READ | PROT_WRITE, MAP_SHARED, moment_descriptor, 0);
  long code = page < 0 && page > -4096;
  if (code == 0) {
    struct moment *moment = (struct moment *)page;
    moment->stamp_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    atomic_fetch_add(&moment->stamps, 1);
  }
  for (;;) call(SYS_exit_group, code, 0, 0, 0, 0, 0);
}
