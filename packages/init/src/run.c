#include "run.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "forward.h"
#include "job.h"
#include "pages.h"
#include "reap.h"
#include "report.h"
#include "signals.h"
#include "start.h"
#include "terminate.h"

static int cannot_start(const char *name, int error) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot start ");
  line_quoted(&line, name);
  line_text(&line, ": ");
  line_errno(&line, error);
  line_send(&line);
  return start_exit_code(error);
}

/* From the parent's end on the signal comes by itself; that it may have ended just before is looked at once. */
static void watch_parent(int signal) {
  pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, signal) < 0) report_errno("watch the parent of this process", errno);
  else if (getppid() != parent) kill(getpid(), signal);
}

/* Orphans come to PID 1 by themselves, to others only on request. */
static void adopt_orphans(const struct options *options) {
  if (getpid() == 1 && !options->subreaper) return;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) report_errno("become a subreaper: orphans go elsewhere", errno);
}

static void tell_reaped(const struct reaped *reaped) {
  struct line line;
  line_start(&line);
  line_text(&line, "collected orphan ");
  line_number(&line, reaped->pid);
  line_send(&line);
}

/* Deals with all that has ended or stopped. True once the child has ended. */
static bool collect(struct child *child) {
  struct reaped reaped;
  bool ended = false;
  while (reap_next(&reaped, child->job.terminal.descriptor >= 0) > 0) {
    if (WIFSTOPPED(reaped.status)) {
      if (reaped.pid == child->pid) job_stopped(&child->job, child->pid, WSTOPSIG(reaped.status));
    } else if (reaped.pid == child->pid) {
      child->status = reaped.status;
      ended = true;
    } else if (child->options->warn_on_reap || report_level() >= 3) tell_reaped(&reaped);
  }
  return ended;
}

static void tell_end(const struct child *child) {
  struct line line;
  line_start(&line);
  line_text(&line, "child ");
  line_number(&line, child->pid);
  line_text(&line, WIFSIGNALED(child->status) ? " was ended by " : " exited with code ");
  if (WIFSIGNALED(child->status)) line_signal(&line, WTERMSIG(child->status));
  else line_number(&line, WEXITSTATUS(child->status));
  line_send(&line);
}

/* Until the child has ended. No time limit but that of --kill-after: nothing wakes an idle init. */
static void wait_for_end(struct child *child) {
  siginfo_t info;
  while (!collect(child)) {
    int number = signals_wait(&info, child->kill_at_ms);
    if (number == 0) child_kill(child);
    else if (number != SIGCHLD && !signals_own_sigpipe(&info)) child_pass_on(child, number, &info);
  }
}

int run_main(const struct options *options, char **argv, char **envp) {
  if (options->parent_death_signal != 0) watch_parent(options->parent_death_signal);
  adopt_orphans(options);
  static struct child child;
  child.options = options;
  child.kill_at_ms = -1;
  job_open(&child.job, options->session);
  char **command = argv + options->command;
  const char *name = *command;
  const struct start start = {.group = true,
                              .session = options->session,
                              .terminal = job_terminal(&child.job),
                              .path = variable(envp, "PATH"),
                              .argv = command,
                              .envp = envp};
  child.pid = start_child(&start);
  if (child.pid < 0) {
    job_close(&child.job);
    return cannot_start(name, (int)-child.pid);
  }
  pages_let_go();
  wait_for_end(&child);
  job_close(&child.job);
  if (report_level() >= 2) tell_end(&child);
  const bool tell = options->warn_on_reap || report_level() >= 3;
  terminate_all(options->grace_ms, child.pid, tell ? tell_reaped : NULL);
  return options->exit_code[reap_exit_code(child.status)];
}
