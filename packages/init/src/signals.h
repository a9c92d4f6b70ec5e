/* Signals: blocked from the first instruction on, remembered for the child, awaited one by one. */
#ifndef SUPERVISE_INIT_SIGNALS_H
#define SUPERVISE_INIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* The kernel's signal set: bit n-1 stands for signal n. */
typedef uint64_t kernel_sigset;

/*
 * Blocks every signal, remembers the mask that was inherited, and gives SIGCHLD its default action back: ignored, it would make the
 * kernel throw exit statuses away. Call it before anything else. 0 or a negative errno.
 */
int signals_start(void);

/*
 * For a child between clone and exec: the mask and the dispositions that this process was started with. Only raw system calls, so it can
 * run in its parent's memory (CLONE_VM | CLONE_VFORK).
 */
void signals_restore(void);

/*
 * Waits for a signal until `deadline_ms` of now_ms(), for ever if it is negative, not at all if it is 0. The signal's number; 0 when the
 * time is up. Needs no descriptor.
 */
int signals_wait(siginfo_t *info, int64_t deadline_ms);

/* Takes this signal off the queue if it is there. */
bool signals_take(int number);

/* Is it waiting to be taken? */
bool signals_pending(int number);

/* Unblocks the signal for a moment, so that what is pending has the effect it would have had: a stop, for one. */
void signals_let_through(int number);

/* A signalfd for all signals, close-on-exec, non-blocking and moved up as descriptors_raise() does; or a negative errno. For those who poll. */
int signals_descriptor(void);

/* True for a SIGPIPE that this process raised itself by writing a message nobody could read. */
bool signals_own_sigpipe(const siginfo_t *info);

/* The number of a signal named "TERM", "SIGTERM", "RTMIN+3", "SIGRTMAX-1" or "15"; 0 if there is none such. */
int signal_number(const char *name);
/* "SIGTERM", or a null pointer for real-time and unknown ones. */
const char *signal_name(int number);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_ms(void);

#endif
