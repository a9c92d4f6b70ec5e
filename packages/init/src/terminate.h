/* The end of everything that is left. */
#ifndef SUPERVISE_INIT_TERMINATE_H
#define SUPERVISE_INIT_TERMINATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct reaped;

/*
 * TERM and CONT to all that is left, the grace period, then KILL until there is no child. Returns at once if nothing is left. A TERM, INT
 * or QUIT that arrives meanwhile ends the grace. As PID 1 all processes of the namespace are meant, else the descendants that /proc shows;
 * without /proc the children and the process group `group` (0: none), again and again, for grandchildren become children. `told` (may be null) gets each collected child. False if something survived:
 * that, and why, has been reported.
 */
bool terminate_all(int64_t grace_ms, pid_t group, void (*told)(const struct reaped *));

#endif
