#include "terminate.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "descendants.h"
#include "reap.h"
#include "report.h"
#include "signals.h"

bool terminate_signal_all(int signal, pid_t group) {
  if (getpid() == 1) {
    kill(-1, signal);
    return true;
  }
  if (descendants_signal(signal)) return true;
  if (group > 0) kill(-group, signal);
  return false;
}

/* Collects all that have ended; true when there is no child left. */
static bool collect(void (*told)(const struct reaped *)) {
  struct reaped reaped;
  pid_t pid;
  while ((pid = reap_next(&reaped, false)) > 0)
    if (told) told(&reaped);
  return pid < 0;
}

/* How long is waited between two rounds of KILL: processes that fork faster than they are found need another one. */
#define KILL_ROUND_MS 20
/* SIGKILL is obeyed as soon as the process leaves the kernel; what is not gone by then waits for a device. */
#define KILL_LIMIT_MS 5000

bool terminate_all(int64_t grace_ms, pid_t group, void (*told)(const struct reaped *)) {
  if (collect(told)) return true;
  terminate_signal_all(SIGTERM, group);
  /* Who is stopped would not see it. */
  terminate_signal_all(SIGCONT, group);
  siginfo_t info;
  for (int64_t deadline = now_ms() + grace_ms;;) {
    if (collect(told)) return true;
    int signal = signals_wait(&info, deadline);
    if (signal == 0 || signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) break;
  }
  bool all = true;
  for (int64_t deadline = now_ms() + KILL_LIMIT_MS; now_ms() < deadline;) {
    all = terminate_signal_all(SIGKILL, group);
    int64_t round = now_ms() + KILL_ROUND_MS;
    do
      if (collect(told)) return true;
    while (signals_wait(&info, round) != 0);
  }
  report(all ? "cannot end all that was left behind: still running 5 s after SIGKILL"
             : "cannot end all that was left behind: without /proc it cannot be found");
  return false;
}
