/*
 * Runs inits side by side and takes the times that a process with a garbage collector should not take.
 *
 *   driver start  MODE FILE ROUNDS COMMAND... ";" COMMAND... ";"
 *   driver signal MODE FILE ROUNDS COMMAND... ";" COMMAND... ";"
 *   driver hold   MODE FILE LOG    COMMAND... ";" COMMAND... ";"
 *
 * MODE is pid-1 (each command is PID 1 of a namespace of its own) or child. In every round all commands have their turn, and each round
 * begins with another one. A figure is a line: NAME INDEX NANOSECONDS, where INDEX is the number of the command.
 *   start   first: executed -> first instruction under the init; whole: executed -> the init has been collected
 *   signal  all run at once; handler: TERM sent to the init -> the handler under it runs
 *   hold    all run at once, with their output in LOG, once each has stamped: "pid INDEX PID"; until the end of input
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../driver/tree.h"
#include "page.h"

enum { most_commands = 16 };

/* Only an init that hangs meets it. */
static const int64_t limit_ns = 60000000000;
/* Before each signal, so that every init has gone to sleep again. */
static const struct timespec pause_between = {0, 1000000};

static struct moment *moment;
static int file_fd;
static bool pid_1;
static char **commands[most_commands];
static int count;
static pid_t pids[most_commands];
static volatile sig_atomic_t ended;

/* Only so that what sleeps is interrupted; our parent's end comes as this signal too. */
static void on_term(int number) {
  (void)number;
  ended = 1;
}

static void fail(const char *what, int index) {
  fprintf(stderr, "%s (%s): %s\n", what, index < 0 ? "driver" : commands[index][0], strerror(errno));
  tree_kill();
  exit(1);
}

/* fork(2), where asked into a new PID namespace, and without root into a user namespace that allows it. */
static pid_t fork_into(void) {
  uint64_t flags = !pid_1 ? 0 : CLONE_NEWPID | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
  return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static pid_t start(int index, const char *log) {
  pid_t pid = fork_into();
  if (pid < 0) fail("cannot fork", index);
  if (pid > 0) return pid;
  int input = open("/dev/null", O_RDONLY), output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (input < 0 || output < 0) _exit(126);
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (input > 2) close(input);
  if (output > 2) close(output);
  dup2(file_fd, moment_descriptor);
  setsid();
  moment->executed_ns = now_ns();
  execv(commands[index][0], commands[index]);
  _exit(127);
}

static void await_stamps(uint32_t wanted, int index) {
  for (uint32_t seen; (seen = atomic_load(&moment->stamps)) < wanted;) {
    struct timespec limit = {limit_ns / 1000000000, 0};
    if (syscall(SYS_futex, &moment->stamps, FUTEX_WAIT, seen, &limit, NULL, 0) < 0 && errno == ETIMEDOUT)
      fail("nothing was stamped in time", index);
    if (ended) fail("interrupted", -1);
  }
}

static void measure_start(int index) {
  uint32_t before = atomic_load(&moment->stamps);
  pid_t pid = start(index, "/dev/null");
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) fail("the init has failed", index);
  int64_t gone_ns = now_ns();
  if (atomic_load(&moment->stamps) != before + 1) fail("the program did not run", index);
  printf("first %d %lld\nwhole %d %lld\n", index, (long long)(moment->stamp_ns - moment->executed_ns), index,
         (long long)(gone_ns - moment->executed_ns));
}

static void measure_signal(int index) {
  nanosleep(&pause_between, NULL);
  uint32_t before = atomic_load(&moment->stamps);
  int64_t sent_ns = now_ns();
  if (kill(pids[index], SIGTERM) != 0) fail("the init is not there", index);
  await_stamps(before + 1, index);
  printf("handler %d %lld\n", index, (long long)(moment->stamp_ns - sent_ns));
}

static void start_all(const char *log) {
  for (int index = 0; index < count; index++) {
    uint32_t before = atomic_load(&moment->stamps);
    pids[index] = start(index, log);
    await_stamps(before + 1, index);
  }
}

static void rounds(long wanted, void (*measure)(int)) {
  for (long round = 0; round < wanted; round++)
    for (int turn = 0; turn < count && !ended; turn++) measure((int)((round + turn) % count));
}

static void hold(void) {
  for (int index = 0; index < count; index++) printf("pid %d %d\n", index, pids[index]);
  fflush(stdout);
  while (getchar() != EOF) continue;
}

static void read_commands(char **words) {
  for (bool first = true; *words != NULL; words++) {
    if (first && count == most_commands) fail("too many commands", -1);
    if (first) commands[count++] = words;
    first = strcmp(*words, ";") == 0;
    if (first) *words = NULL;
  }
}

int main(int argc, char **argv) {
  if (argc < 6 || tree_adopt_orphans() != 0) return 64;
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
  pid_1 = strcmp(argv[2], "pid-1") == 0;
  file_fd = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_fd < 0 || ftruncate(file_fd, sizeof *moment) != 0 || (moment = page_open(argv[3])) == NULL)
    fail("cannot make the shared page", -1);
  read_commands(argv + 5);
  if (strcmp(argv[1], "start") == 0) {
    rounds(atol(argv[4]), measure_start);
  } else if (strcmp(argv[1], "signal") == 0) {
    start_all("/dev/null");
    rounds(atol(argv[4]), measure_signal);
  } else {
    start_all(argv[4]);
    hold();
  }
  tree_kill();
  return 0;
}
