/* Collecting children that have ended. */
#ifndef SUPERVISE_INIT_REAP_H
#define SUPERVISE_INIT_REAP_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct reaped {
  pid_t pid;
  /* As waitpid(2) gives it. */
  int status;
  struct rusage usage;
};

/*
 * Collects one child without waiting; with `stopped`, one that was stopped as well. Its PID; 0 if all live; -ECHILD if there is no child
 * (as PID 1 or subreaper: no descendant) left.
 */
pid_t reap_next(struct reaped *reaped, bool stopped);

/* The exit code, or 128 + the signal. */
int reap_exit_code(int status);

#endif
