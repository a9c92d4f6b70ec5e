/*
 * Runs one supervisor for one life, and takes the times that a process with a
 * garbage collector should not take.
 *
 *   driver STAMPS COUNT DEADLINE_MS LOG COMMAND [ARGUMENTS...]
 *
 * Commands come by standard input, a line each, answers are lines of JSON:
 *   (start)         {"executed_ns", "pid"} once every service has stamped
 *   restart INDEX   kill -9 of that service: {"ns"} until its next run stamps
 *   stop SIGNAL [SHELL COMMAND]   signal the supervisor, run the command:
 *                   {"ns"} until the last descendant is gone
 * At the end of input, on SIGTERM and when its parent dies everything that still
 * lives is killed; an interrupt from the terminal is left for the parent to answer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../programs/slots.h"
#include "tree.h"

static struct slots_header *header;
static struct slot *slots;
static long count;
static int64_t limit_ns;
static volatile sig_atomic_t ended;

static void on_signal(int signal_number) {
  if (signal_number == SIGTERM) ended = 1;
}

static void fail(const char *what) {
  printf("{\"error\":\"%s\"}\n", what);
  fflush(stdout);
  tree_kill();
  exit(1);
}

static void map_slots(const char *path) {
  size_t size = sizeof *header + (size_t)count * sizeof *slots;
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0 || ftruncate(fd, (off_t)size) != 0) fail("cannot make the file of stamps");
  void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) fail("cannot map the file of stamps");
  close(fd);
  header = base;
  slots = (struct slot *)(header + 1);
}

/*
 * Sleeps until the stamps number at least `wanted`. It wakes ten times a second
 * to see whether the supervisor has died instead.
 */
static void await_stamps(uint32_t wanted, int64_t deadline_ns, pid_t supervisor) {
  atomic_store(&header->awaited, wanted);
  for (uint32_t seen; (seen = atomic_load(&header->stamps)) < wanted;) {
    struct timespec slice = {0, 100000000};
    syscall(SYS_futex, &header->stamps, FUTEX_WAIT, seen, &slice, NULL, 0);
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)supervisor, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
      fail("the supervisor has ended");
    if (now_ns() > deadline_ns) fail("not every service has started in time");
    if (ended) fail("interrupted");
  }
}

static pid_t start(char **command, const char *log) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid != 0) return pid;
  int input = open("/dev/null", O_RDONLY), output = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (input < 0 || output < 0) _exit(126);
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  close(input);
  close(output);
  setsid();
  for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
  header->executed_ns = now_ns();
  execvp(command[0], command);
  _exit(127);
}

static void restart(long index, pid_t supervisor) {
  if (index < 0 || index >= count) fail("no such service");
  uint32_t runs = atomic_load(&slots[index].runs), stamps = atomic_load(&header->stamps);
  atomic_store(&header->awaited, stamps + 1);
  int64_t killed_ns = now_ns();
  if (kill(slots[index].pid, SIGKILL) != 0) fail("the service is not there to be killed");
  while (atomic_load(&slots[index].runs) == runs)
    await_stamps(++stamps, killed_ns + limit_ns, supervisor);
  printf("{\"ns\":%lld}\n", (long long)(slots[index].stamp_ns - killed_ns));
}

static void stop(char *arguments, pid_t supervisor) {
  char *command = NULL;
  long signal_number = strtol(arguments, &command, 10);
  int64_t begin_ns = now_ns();
  if (kill(supervisor, (int)signal_number) != 0) fail("the supervisor is not there to be stopped");
  if (command[0] == ' ' && fork() == 0) {
    execl("/bin/sh", "sh", "-c", command + 1, (char *)NULL);
    _exit(127);
  }
  if (tree_wait_gone(begin_ns + limit_ns, &ended) != 0) fail("something is left after the stop");
  int64_t end_ns = now_ns();
  printf("{\"ns\":%lld}\n", (long long)(end_ns - begin_ns));
}

int main(int argc, char **argv) {
  if (argc < 6) return 64;
  count = atol(argv[2]);
  limit_ns = atoll(argv[3]) * 1000000;
  if (tree_adopt_orphans() != 0) return 1;
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
  sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_signal}, NULL);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  map_slots(argv[1]);

  atomic_store(&header->awaited, (uint32_t)count);
  pid_t supervisor = start(argv + 5, argv[4]);
  if (supervisor < 0) fail("cannot fork");
  await_stamps((uint32_t)count, now_ns() + limit_ns, supervisor);
  printf("{\"pid\":%d,\"executed_ns\":%lld}\n", supervisor, (long long)header->executed_ns);
  fflush(stdout);

  for (char line[4096]; !ended && fgets(line, sizeof line, stdin) != NULL; fflush(stdout)) {
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "restart ", 8) == 0) restart(atol(line + 8), supervisor);
    else if (strncmp(line, "stop ", 5) == 0) stop(line + 5, supervisor);
    else fail("unknown command");
  }
  tree_kill();
  return 0;
}
