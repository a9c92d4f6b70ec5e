#include "keeper-state.h"

#include "reap.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A flood of signals must not keep children and the supervisor waiting. */
#define MOST_READ_IN_A_TURN 64

static uint64_t realtime_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t micros(struct timeval time) { return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec; }

static void keep_end(struct keeper *keeper, const struct reaped *reaped, uint64_t time_ns) {
  bool exited = WIFEXITED(reaped->status);
  const struct exit_message message = {
      .time_ns = time_ns,
      .user_micros = micros(reaped->usage.ru_utime),
      .system_micros = micros(reaped->usage.ru_stime),
      .peak_rss_bytes = (uint64_t)reaped->usage.ru_maxrss * 1024,
      .pid = reaped->pid,
      .code = exited                      ? CLD_EXITED
              : WCOREDUMP(reaped->status) ? CLD_DUMPED
                                          : CLD_KILLED,
      .status = exited ? WEXITSTATUS(reaped->status) : WTERMSIG(reaped->status),
  };
  keep_exit(&keeper->exits, &message);
}

void keeper_reap(struct keeper *keeper) {
  struct reaped reaped;
  while (reap_next(&reaped, true) > 0) {
    uint64_t time_ns = realtime_ns();
    if (WIFSTOPPED(reaped.status)) {
      if (reaped.pid == keeper->supervisor) job_stopped(&keeper->job, reaped.pid, WSTOPSIG(reaped.status));
      continue;
    }
    if (reaped.pid != keeper->supervisor) {
      keep_end(keeper, &reaped, time_ns);
      continue;
    }
    keeper->died = true;
    keeper->status = reaped.status;
    keeper->previous_ended_ns = time_ns;
  }
}

static void keep_arrived(struct keeper *keeper, const struct signalfd_siginfo *arrived) {
  int signal = (int)arrived->ssi_signo;
  /* Our own, for a message on stderr that nobody could read. */
  if (signal == SIGPIPE && (pid_t)arrived->ssi_pid == keeper->own_pid) return;
  /* After Ctrl-Z and `fg`; no message would reach who is stopped. */
  if (signal == SIGCONT && keeper->supervisor != 0) kill(-keeper->supervisor, SIGCONT);
  signal = keeper->options->rewrite[signal];
  if (signal == 0) return;
  const struct signal_message message = {.time_ns = realtime_ns(),
                                         .value = arrived->ssi_int,
                                         .signal = signal,
                                         .code = arrived->ssi_code,
                                         .sender_pid = (int32_t)arrived->ssi_pid,
                                         .sender_uid = arrived->ssi_uid};
  uint64_t number = keeper->signal_ring.window.next;
  keep_signal(&keeper->signal_ring, &message);
  if (signal != SIGTERM && signal != SIGINT && signal != SIGQUIT) return;
  if (keeper->stop_number == 0) {
    keeper->stop_signal = signal;
    keeper->stop_number = number;
  }
  if (keeper->deadlines[DEADLINE_STOP] == 0) keeper_await_stop(keeper);
  else keeper_hurry_stop(keeper);
}

void keeper_read_signals(struct keeper *keeper) {
  struct signalfd_siginfo arrived[8];
  bool children = false;
  for (unsigned turn = 0; turn < MOST_READ_IN_A_TURN; turn++) {
    ssize_t size = read(keeper->signals, arrived, sizeof(arrived));
    if (size <= 0) break;
    size_t count = (size_t)size / sizeof(*arrived);
    for (size_t i = 0; i < count; i++)
      if (arrived[i].ssi_signo == SIGCHLD) children = true;
      else keep_arrived(keeper, &arrived[i]);
    if (count < sizeof(arrived) / sizeof(*arrived)) break;
  }
  if (children) keeper_reap(keeper);
}
