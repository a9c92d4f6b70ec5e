/* The end of this program: another one in its place, which leaves nothing of Node's behind, or none. */
#include "addon.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Since Linux 5.9, with one number on all architectures; headers may be older than the kernel. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* Since Linux 5.11. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define FIRST_OF_NODE 3

/* Of a limit: as it is. */
#define KEPT (-2)

/* Pointers to the entries of a block, in which each ends with a NUL, and a final NULL. The caller frees the list; NULL: no block, or no memory. */
static char **entries_of(napi_env env, napi_value value) {
  void *block;
  size_t length;
  if (!array_argument(env, value, napi_uint8_array, &block, &length)) return NULL;
  char *bytes = block;
  if (length > 0 && bytes[length - 1] != 0) return NULL;
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += bytes[i] == 0;
  char **list = calloc(count + 1, sizeof(*list));
  if (list == NULL) return NULL;
  for (size_t i = 0; i < count; i++, bytes += strlen(bytes) + 1) list[i] = bytes;
  return list;
}

/* Node has set close-on-exec on 0 to 2 and lets nobody rely on it for the rest. */
static void arrange_descriptors(void) {
  for (int fd = 0; fd < FIRST_OF_NODE; fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
  if (syscall(SYS_close_range, FIRST_OF_NODE, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  struct rlimit limit = {.rlim_cur = 1024};
  getrlimit(RLIMIT_NOFILE, &limit);
  for (int fd = FIRST_OF_NODE; fd < (int)limit.rlim_cur; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Exec resets what is caught and keeps what is ignored, and Node ignores SIGPIPE and SIGXFSZ. */
static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
}

/* execute(path, argv, environment, softOpenFiles, hardOpenFiles): comes back with an errno only, and with all signals as Node has them. */
static napi_value sys_execute(napi_env env, napi_callback_info info) {
  ARGUMENTS(5);
  char path[4096];
  int error = text_argument(env, arguments[0], path, sizeof(path));
  if (error < 0) return number_value(env, error);
  int64_t soft, hard;
  if (!whole_argument(env, arguments[3], KEPT, 9007199254740991.0, &soft) ||
      !whole_argument(env, arguments[4], KEPT, 9007199254740991.0, &hard))
    return number_value(env, -EINVAL);
  char **argv = entries_of(env, arguments[1]);
  char **environment = entries_of(env, arguments[2]);
  error = -EINVAL;
  if (argv != NULL && environment != NULL && argv[0] != NULL) {
    struct rlimit before,
        limit = {soft == -1 ? RLIM_INFINITY : (rlim_t)soft, hard == -1 ? RLIM_INFINITY : (rlim_t)hard};
    struct sigaction actions[NSIG];
    sigset_t blocked, none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) sigaction(number, NULL, &actions[number]);
    getrlimit(RLIMIT_NOFILE, &before);
    arrange_descriptors();
    reset_signals();
    if (soft != KEPT) setrlimit(RLIMIT_NOFILE, &limit);
    pthread_sigmask(SIG_SETMASK, &none, &blocked);
    execve(path, argv, environment);
    error = -errno;
    setrlimit(RLIMIT_NOFILE, &before);
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    for (int number = 1; number < NSIG; number++) sigaction(number, &actions[number], NULL);
  }
  free(argv);
  free(environment);
  return number_value(env, error);
}

/* exitAtOnce(code): does not come back. */
static napi_value sys_exit_at_once(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int64_t code;
  if (!whole_argument(env, arguments[0], 0, 255, &code)) return number_value(env, -EINVAL);
  _exit((int)code);
}

void execute_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"execute", sys_execute}, {"exitAtOnce", sys_exit_at_once}};
  EXPORT_CALLS(env, exports, calls);
}
