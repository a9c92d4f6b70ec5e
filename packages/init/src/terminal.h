/* The controlling terminal: handed to the child's process group, taken back at its end. */
#ifndef SUPERVISE_INIT_TERMINAL_H
#define SUPERVISE_INIT_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct terminal {
  /* -1: there is none. */
  int descriptor;
  /* Our process group was in its foreground: it is ours to give. */
  bool is_ours;
  /* The process group that was in the foreground. */
  pid_t foreground;
  struct termios settings;
  bool has_settings;
};

/* Finds the terminal and remembers its state. Never an error: there may be none. */
void terminal_open(struct terminal *terminal);
/* Is this process group in the foreground? */
bool terminal_is_with(const struct terminal *terminal, pid_t group);
/* Puts the process group in the foreground, if the terminal is ours. */
void terminal_give(const struct terminal *terminal, pid_t group);
/* If it was ours: the former process group comes back to the foreground, and the settings are as they were. */
void terminal_take_back(const struct terminal *terminal);

#endif
