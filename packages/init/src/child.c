#include "child.h"

#include <errno.h>

#include "forward.h"
#include "report.h"
#include "signals.h"

static void tell(const struct child *child, const char *what, int number, const siginfo_t *info) {
  struct line line;
  line_start(&line);
  line_text(&line, what);
  line_signal(&line, number);
  line_text(&line, " to ");
  line_number(&line, child->pid);
  if (info && info->si_code <= 0) {
    line_text(&line, ", sent by ");
    line_number(&line, info->si_pid);
  }
  line_send(&line);
}

void child_pass_on(struct child *child, int number, const siginfo_t *info) {
  const struct options *options = child->options;
  if ((number == SIGTERM || number == SIGINT || number == SIGQUIT) && options->kill_after_ms > 0 &&
      child->kill_at_ms < 0)
    child->kill_at_ms = now_ms() + options->kill_after_ms;
  int passed = options->rewrite[number];
  if (passed == 0) return;
  if (report_level() >= 2) tell(child, "passing ", passed, info);
  int result = forward_signal(child->pid, options->group, passed, info);
  /* Gone: it is about to be collected. Anything else is its own affair (a child that changed its user), and ours is to go on. */
  if (result < 0 && result != -ESRCH && report_level() >= 1) {
    struct line line;
    line_start(&line);
    line_text(&line, "cannot pass ");
    line_signal(&line, passed);
    line_text(&line, " to ");
    line_number(&line, child->pid);
    line_text(&line, ": ");
    line_errno(&line, -result);
    line_send(&line);
  }
  job_passed(&child->job, number, passed);
}

void child_kill(struct child *child) {
  child->kill_at_ms = -1;
  if (report_level() >= 1) tell(child, "time is up: sending ", SIGKILL, NULL);
  siginfo_t info = {.si_code = SI_USER};
  forward_signal(child->pid, child->options->group, SIGKILL, &info);
}
