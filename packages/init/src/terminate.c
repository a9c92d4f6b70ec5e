#include "terminate.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "descendants.h"
#include "reap.h"
#include "report.h"
#include "signals.h"

/* How long is waited between two rounds of KILL: processes that fork faster than they are found need another one. */
#define KILL_ROUND_MS 20
/* SIGKILL is obeyed as soon as a process leaves the kernel; who is not gone by then waits for a device. */
#define KILL_LIMIT_MS 5000
/* The kernel itself ends what outlives PID 1, also what we may not signal for want of a capability. */
#define KILL_LIMIT_AS_PID_1_MS 500

static void signal_all(int signal, pid_t group, struct descendants *seen) {
  *seen = (struct descendants){0};
  if (getpid() != 1 && descendants_signal(signal, seen)) return;
  const pid_t whom = getpid() == 1 ? -1 : -group;
  if (whom == 0) return;
  kill(whom, signal);
  /* Who is stopped would not see it. */
  if (signal == SIGTERM) kill(whom, SIGCONT);
}

/* All that we know of, and nothing that could be done about it. */
static bool all_refused(const struct descendants *seen) { return seen->count > 0 && seen->refused == seen->count; }

/* Collects all that have ended; true when there is no child left. */
static bool collect(void (*told)(const struct reaped *)) {
  struct reaped reaped;
  pid_t pid;
  while ((pid = reap_next(&reaped, false)) > 0)
    if (told) told(&reaped);
  return pid < 0;
}

/* Collects what ends until the time is up or `hurry` tells not to wait. True when there is no child left. */
static bool wait_for_all(int64_t deadline_ms, bool (*hurry)(int signal), void (*told)(const struct reaped *)) {
  siginfo_t info;
  int signal;
  do {
    if (collect(told)) return true;
    signal = signals_wait(&info, deadline_ms);
  } while (signal != 0 && !(hurry && hurry(signal)));
  return collect(told);
}

static bool is_request_to_end(int signal) { return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT; }

static void report_survivor(const struct descendants *seen) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot end all that was left behind: ");
  if (seen->count == 0) line_text(&line, "it was not found");
  else {
    line_text(&line, seen->refused > 0 ? "not permitted (EPERM)" : "still running 5 s after SIGKILL");
    line_text(&line, " (pid ");
    line_number(&line, seen->refused > 0 ? seen->refused_pid : seen->pid);
    line_text(&line, ")");
  }
  line_send(&line);
}

bool terminate_all(int64_t grace_ms, pid_t group, void (*told)(const struct reaped *)) {
  if (collect(told)) return true;
  struct descendants seen;
  signal_all(SIGTERM, group, &seen);
  if (!all_refused(&seen) && wait_for_all(now_ms() + grace_ms, is_request_to_end, told)) return true;
  const bool first = getpid() == 1;
  const int64_t limit = now_ms() + (first ? KILL_LIMIT_AS_PID_1_MS : KILL_LIMIT_MS);
  do {
    signal_all(SIGKILL, group, &seen);
    if (wait_for_all(now_ms() + KILL_ROUND_MS, NULL, told)) return true;
  } while (now_ms() < limit && !all_refused(&seen));
  if (!first) report_survivor(&seen);
  return first;
}
