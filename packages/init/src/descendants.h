/* Who descends from this process, as /proc tells it: for an init that is not PID 1. */
#ifndef SUPERVISE_INIT_DESCENDANTS_H
#define SUPERVISE_INIT_DESCENDANTS_H

#include <stdbool.h>

/* Sends the signal once to each descendant, until a walk finds no new one. False if /proc is missing or belongs to another PID namespace. */
bool descendants_signal(int signal);

#endif
