/* Whose child is a process? */
#ifndef SUPERVISE_INIT_PARENT_H
#define SUPERVISE_INIT_PARENT_H

/* The parent's PID by the open folder of the process in /proc; 0 if the process is gone. */
int parent_in_proc(int process);

/*
 * The same without /proc, by a pidfd. Before Linux 6.13 only a child of this very process can be told: the parent of any other is 0 then.
 */
int parent_of_pidfd(int process, int pid);

/* The number at the beginning of the text; 0 if there is none, and never more than PIDs can be. */
int parent_number(const char *text);

#endif
