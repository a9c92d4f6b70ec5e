#include "keeper-state.h"

#include "report.h"
#include "signals.h"
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In the middle of an upgrade a file may be missing for a moment. */
#define START_AGAIN_MS 1000

#define KEEPER_VARIABLE "SUPERVISE_KEEPER="

struct preparation {
  const struct rlimit *open_files;
  int socket;
};

/* In the child, in our memory: it gets the limit that we got, and its end of the socket pair. */
static int prepare(void *argument) {
  const struct preparation *preparation = argument;
  if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, preparation->open_files, NULL) < 0) return -errno;
  return syscall(SYS_fcntl, preparation->socket, F_SETFD, 0) < 0 ? -errno : 0;
}

static void write_number(char *text, int number) {
  char digits[12];
  size_t at = sizeof(digits);
  digits[--at] = 0;
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  memcpy(text, digits + at, sizeof(digits) - at);
}

/* Words and environment are as long as the kernel let ours be, so they have room on the stack. */
static pid_t start_program(const struct keeper *keeper, char *node, char *command, int socket) {
  int words = keeper->argc - keeper->options->command;
  char *argv[words + 4]; /* the first is start_child's */
  argv[0] = NULL;
  argv[1] = node;
  argv[2] = command;
  memcpy(argv + 3, keeper->argv + keeper->options->command, (size_t)words * sizeof(*argv));
  argv[words + 3] = NULL;
  char number[sizeof(KEEPER_VARIABLE) + 12] = KEEPER_VARIABLE;
  write_number(number + sizeof(KEEPER_VARIABLE) - 1, socket);
  char *envp[keeper_environment(keeper->envp, NULL) + 2];
  size_t kept = keeper_environment(keeper->envp, envp);
  envp[kept] = number;
  envp[kept + 1] = NULL;
  struct preparation preparation = {&keeper->open_files, socket};
  struct start start = {.group = true,
                        .terminal = job_terminal(&keeper->job),
                        .prepare = prepare,
                        .prepare_with = &preparation,
                        .argv = argv + 1,
                        .envp = envp};
  return start_child(&start);
}

/* A machine without room for one more process gets it back sooner or later, and the services run meanwhile. */
static bool lacks_resources(int error) {
  return error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -ENOBUFS;
}

/* The very first start is a matter between the caller and us; later, services run and depend on another try. */
static void cannot_start(struct keeper *keeper, int error, bool reported) {
  if (!reported) report_errno("start the supervisor", -error);
  if (keeper->generation == 0) keeper_end(keeper, start_exit_code(-error), "");
  else if (!lacks_resources(error) && keeper_has_enough(keeper, 0))
    keeper_end(keeper, EXIT_GAVE_UP, "the supervisor could not be started anew");
  else keeper_set_deadline(keeper, DEADLINE_START, START_AGAIN_MS);
}

/* What the last supervisor left is forgotten, but for what the next one is to be told. */
static void begin_generation(struct keeper *keeper, pid_t supervisor, int socket) {
  keeper->supervisor = supervisor;
  keeper->socket = socket;
  keeper->mute = false;
  keeper->mistakes = 0;
  keeper->generation++;
  keeper->started_ms = now_ms();
  keeper->leaving = LEAVING_NOT;
  keeper->telling = TELLING_HELLO;
  keeper->told = 0;
  keeper->in_service = false;
  keeper->refusal.pending = keeper->ping_unsent = false;
  window_rewind(&keeper->exits.window);
  window_rewind(&keeper->signal_ring.window);
  const struct deposit *environment = table_find(&keeper->table, ENVIRONMENT_NAME, sizeof(ENVIRONMENT_NAME) - 1);
  /* The position is shared with whoever read it before. */
  if (environment != NULL) lseek(environment->descriptors[0], 0, SEEK_SET);
  keeper_schedule_ping(keeper);
}

void keeper_start(struct keeper *keeper) {
  static char node[LONGEST_TEXT], command[LONGEST_TEXT];
  int error = keeper_find_node(keeper, node);
  if (error == 0) error = keeper_find_command(keeper, command);
  if (error < 0) {
    cannot_start(keeper, -ENOENT, true);
    return;
  }
  int ours, theirs;
  error = socket_make_pair(&ours, &theirs);
  if (error < 0) {
    cannot_start(keeper, error, false);
    return;
  }
  pid_t supervisor = start_program(keeper, node, command, theirs);
  close(theirs);
  if (supervisor >= 0) begin_generation(keeper, supervisor, ours);
  else {
    close(ours);
    cannot_start(keeper, supervisor, false);
  }
}
