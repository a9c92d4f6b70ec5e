/* Passing a signal on. */
#ifndef SUPERVISE_INIT_FORWARD_H
#define SUPERVISE_INIT_FORWARD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Sends `number` to the process, or to its group, with the value that came with `info`, where it came from sigqueue(3). 0 or a negative errno. */
int forward_signal(pid_t pid, bool group, int number, const siginfo_t *info);

#endif
