#ifndef BENCH_TREE_H
#define BENCH_TREE_H

#include <signal.h>
#include <stdint.h>

/* Becomes the reaper of every orphan below this process, and ends with its parent. */
int tree_adopt_orphans(void);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t now_ns(void);

/*
 * Waits until this process has no child left, hence, being the subreaper, until
 * nothing that it ever started is left. 0, or -1 once the deadline has passed or
 * a signal handler has set `ended`.
 */
int tree_wait_gone(int64_t deadline_ns, const volatile sig_atomic_t *ended);

/* Ends by SIGKILL everything below this process, by PID, until no child is left. */
void tree_kill(void);

#endif
