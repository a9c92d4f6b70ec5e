/* The end of everything that is left. */
#ifndef SUPERVISE_INIT_TERMINATE_H
#define SUPERVISE_INIT_TERMINATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Sends the signal to every descendant: to all processes of the namespace as PID 1, else to those that /proc shows, repeated until no
 * new one turns up; without /proc to the process group `group` (0: none). False if some could not be found for want of /proc.
 */
bool terminate_signal_all(int signal, pid_t group);

/*
 * TERM and CONT to all that is left, the grace period, then KILL until there is no child. Returns at once if nothing is left. A TERM, INT
 * or QUIT that arrives meanwhile ends the grace. `reaped` (may be null) is told each collected child. False if something survived that
 * could not be found; that has been reported.
 */
struct reaped;
bool terminate_all(int64_t grace_ms, pid_t group, void (*reaped)(const struct reaped *));

#endif
