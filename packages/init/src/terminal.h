/* The controlling terminal: handed to the child's process group, taken back at its end. */
#ifndef SUPERVISE_INIT_TERMINAL_H
#define SUPERVISE_INIT_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct terminal {
  /* -1: there is none. */
  int descriptor;
  /* Never to be given away: another program of our process group needs it. */
  bool needed;
  /* Our process group had the foreground when we last looked, and nobody has taken the terminal from us since. */
  bool is_ours;
  struct termios settings;
  bool has_settings;
};

/* Finds the terminal and claims it. Never an error: there may be none. */
void terminal_open(struct terminal *terminal);
/* Is this process group in the foreground? */
bool terminal_is_with(const struct terminal *terminal, pid_t group);
/* It is ours to give if our process group is in the foreground; its settings are remembered the first time. */
bool terminal_claim(struct terminal *terminal);
/* Puts the process group in the foreground, if the terminal is ours. */
void terminal_give(const struct terminal *terminal, pid_t group);
/* Our process group comes back to the foreground, for the shell above to take over; the terminal is no longer ours. */
void terminal_let_go(struct terminal *terminal);
/* The end: if it was ours, our process group comes back to the foreground, and the settings are as they were. */
void terminal_take_back(const struct terminal *terminal);

#endif
