#include "keeper.h"

#include "keeper-state.h"
#include "report.h"
#include "signals.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Numbers that stay free for a socket pair, the termination log and the walk through /proc. */
#define SPARE_DESCRIPTORS 16

/* Messages of the supervisor before signals and children get their turn. */
#define MOST_HEARD_IN_A_TURN 256

static struct keeper the_keeper;

/* A deposit must never take the number of a closed stdin, stdout or stderr: our own messages would go there. Programs still find them closed. */
static void plug_standard_descriptors(void) {
  int plug;
  do plug = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  while (plug >= 0 && plug <= STDERR_FILENO);
  if (plug >= 0) close(plug);
}

static void raise_open_files(struct keeper *keeper) {
  if (getrlimit(RLIMIT_NOFILE, &keeper->open_files) < 0) keeper->open_files = (struct rlimit){64, 64};
  const struct rlimit raised = {keeper->open_files.rlim_max, keeper->open_files.rlim_max};
  rlim_t limit = setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : keeper->open_files.rlim_cur;
  keeper->descriptor_limit = limit > INT_MAX ? INT_MAX : (int)limit - SPARE_DESCRIPTORS;
}

/* Orphans come to PID 1 by themselves, to others only on request; and the end of our parent is a signal like any other. */
static void take_place(const struct options *options) {
  pid_t parent = getppid();
  if (getpid() != 1 || options->subreaper) prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (options->parent_death_signal == 0) return;
  if (prctl(PR_SET_PDEATHSIG, options->parent_death_signal) < 0)
    report_errno("watch the parent of this process", errno);
  else if (getppid() != parent) kill(getpid(), options->parent_death_signal);
}

static int prepare(struct keeper *keeper) {
  keeper->own_pid = getpid();
  take_place(keeper->options);
  plug_standard_descriptors();
  raise_open_files(keeper);
  keeper->signals = signals_descriptor();
  if (keeper->signals < 0) {
    report_errno("watch for signals", -keeper->signals);
    return 1;
  }
  keeper->socket = -1;
  keeper->settings.grace_ms = (uint32_t)keeper->options->grace_ms;
  keeper_start_pings(keeper, &keeper->settings);
  rings_begin(&keeper->exits, &keeper->signal_ring);
  job_open(&keeper->job, false);
  keeper_deposit_environment(keeper);
  return 0;
}

/* Milliseconds until the first deadline, rounded up; -1: none. */
static int time_left(const struct keeper *keeper) {
  int64_t first = 0;
  for (enum deadline deadline = 0; deadline < DEADLINE_COUNT; deadline++) {
    int64_t due = keeper->deadlines[deadline];
    if (due != 0 && (first == 0 || due < first)) first = due;
  }
  if (first == 0) return -1;
  int64_t left = first - now_ms();
  return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* One turn: tells, waits, then hears signals before messages, so that what a signal means is known when the supervisor speaks of it. */
static void turn(struct keeper *keeper) {
  keeper_tell(keeper);
  bool hears = keeper->socket >= 0 && !keeper->refusal.pending;
  struct pollfd sources[] = {
      {.fd = keeper->signals, .events = POLLIN},
      {.fd = hears || keeper->wants_room ? keeper->socket : -1,
       .events = (short)((hears ? POLLIN : 0) | (keeper->wants_room ? POLLOUT : 0))},
  };
  if (poll(sources, 2, time_left(keeper)) > 0) {
    if (sources[0].revents != 0) keeper_read_signals(keeper);
    if (sources[1].revents != 0) keeper_hear(keeper, MOST_HEARD_IN_A_TURN);
  }
  if (keeper->died) keeper_mourn(keeper);
  keeper_meet_deadlines(keeper);
}

int keeper_main(const struct options *options, int argc, char **argv, char **envp) {
  struct keeper *keeper = &the_keeper;
  keeper->options = options;
  keeper->argc = argc;
  keeper->argv = argv;
  keeper->envp = envp;
  int code = prepare(keeper);
  if (code != 0) return code;
  keeper_start(keeper);
  /* Children that were there before us, through an exec, may have ended already. */
  keeper_reap(keeper);
  while (!keeper->ending) turn(keeper);
  keeper_finish(keeper);
  return options->exit_code[keeper->exit_code];
}
