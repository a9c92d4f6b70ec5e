#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"

/* In `prog | less` the pager is in our process group and has to stay in the foreground. */
static bool feeds_another(void) {
  struct stat output;
  return getsid(0) != getpid() && fstat(STDOUT_FILENO, &output) == 0 && S_ISFIFO(output.st_mode);
}

void terminal_open(struct terminal *terminal) {
  *terminal = (struct terminal){.descriptor = -1};
  for (int descriptor = 0; descriptor <= 2 && terminal->descriptor < 0; descriptor++)
    /* Answers for no terminal but the controlling one. */
    if (tcgetpgrp(descriptor) >= 0) terminal->descriptor = descriptor;
  if (terminal->descriptor < 0)
    terminal->descriptor = descriptors_raise(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal->descriptor < 0) return;
  terminal->needed = feeds_another();
  terminal_claim(terminal);
}

bool terminal_is_with(const struct terminal *terminal, pid_t group) {
  return terminal->descriptor >= 0 && tcgetpgrp(terminal->descriptor) == group;
}

bool terminal_claim(struct terminal *terminal) {
  /* In the background it is somebody else's. */
  terminal->is_ours = !terminal->needed && terminal_is_with(terminal, getpgrp());
  if (terminal->is_ours && !terminal->has_settings)
    terminal->has_settings = tcgetattr(terminal->descriptor, &terminal->settings) == 0;
  return terminal->is_ours;
}

/* SIGTTOU is blocked, as all are: so a process in the background may do this. */
void terminal_give(const struct terminal *terminal, pid_t group) {
  if (terminal->is_ours) tcsetpgrp(terminal->descriptor, group);
}

void terminal_let_go(struct terminal *terminal) {
  terminal_give(terminal, getpgrp());
  terminal->is_ours = false;
}

void terminal_take_back(const struct terminal *terminal) {
  if (!terminal->is_ours) return;
  tcsetpgrp(terminal->descriptor, getpgrp());
  struct termios now;
  if (terminal->has_settings && tcgetattr(terminal->descriptor, &now) == 0 &&
      memcmp(&now, &terminal->settings, sizeof now) != 0)
    /* Not after the output is through: that may be never. */
    tcsetattr(terminal->descriptor, TCSANOW, &terminal->settings);
}
