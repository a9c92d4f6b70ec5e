#include "job.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "signals.h"

static bool is_terminal_stop(int signal) { return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU; }

/* Who leads a session and lets its terminal go gets SIGHUP and SIGCONT for it; these are nobody else's. */
static void give_up_terminal(int descriptor) {
  if (ioctl(descriptor, TIOCNOTTY) < 0) return;
  signals_take(SIGHUP);
  signals_take(SIGCONT);
}

void job_open(struct job *job, bool session) {
  job->session = session;
  job->passed_stop = 0;
  terminal_open(&job->terminal);
  if (session && job->terminal.descriptor >= 0 && getsid(0) == getpid()) give_up_terminal(job->terminal.descriptor);
}

int job_terminal(const struct job *job) {
  return job->session || job->terminal.is_ours ? job->terminal.descriptor : -1;
}

/* The child goes on in the foreground, if that is ours. */
static bool put_in_foreground(struct job *job, pid_t child) {
  if (!terminal_claim(&job->terminal)) return false;
  terminal_give(&job->terminal, child);
  return true;
}

void job_stopped(struct job *job, pid_t child, int signal) {
  int passed = job->passed_stop;
  job->passed_stop = 0;
  if (job->session || !is_terminal_stop(signal)) return;
  /* `fg` on a job that ran in the background says nothing; that the child wants the terminal does. */
  if (signal != SIGTSTP && put_in_foreground(job, child)) {
    kill(-child, SIGCONT);
    return;
  }
  bool had_terminal = terminal_is_with(&job->terminal, child);
  if (had_terminal) terminal_let_go(&job->terminal);
  /* An older SIGCONT would hide whether this one stop has been and gone. */
  bool continued = signals_take(SIGCONT);
  kill(0, signal);
  signals_let_through(signal);
  /* The kernel stops no process that nobody could continue: then there has been no stop, and no continuation. */
  if (signals_pending(SIGCONT)) {
    /* `fg` has put our group in the foreground, `bg` has not. The SIGCONT itself is passed on like any signal. */
    put_in_foreground(job, child);
    return;
  }
  if (had_terminal) put_in_foreground(job, child);
  /* Passed on by somebody's wish it is to last; and who reads from the background would only be stopped again. */
  if (continued || (passed == 0 && signal == SIGTSTP)) kill(-child, SIGCONT);
}

void job_passed(struct job *job, int number, int passed) {
  if (passed == SIGCONT) job->passed_stop = 0;
  if (is_terminal_stop(passed)) job->passed_stop = passed;
  /* A session of its own has no stops by terminal signals: it was sent SIGSTOP, and whoever watches us is to see it. */
  if (job->session && is_terminal_stop(number) && passed == SIGSTOP) kill(getpid(), SIGSTOP);
}

void job_close(struct job *job) {
  if (!job->session) terminal_take_back(&job->terminal);
}
