/* Ended children: which waits, and its collection. */
#include "addon.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* The pid of the first ended child, which stays a zombie; 0 when none has ended, -ECHILD when there are no children at all. */
static napi_value sys_peek_ended(napi_env env, napi_callback_info info) {
  (void)info;
  siginfo_t ended = {0};
  int result;
  do result = waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT);
  while (result < 0 && errno == EINTR);
  return result_value(env, result < 0 ? result : ended.si_pid);
}

/* collect(pid, facts: Float64Array): its pid, or 0 while it lives. Facts: wait status, user and system microseconds, most resident bytes. */
static napi_value sys_collect(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int pid;
  void *data;
  size_t length;
  if (!int_argument(env, arguments[0], &pid) || pid <= 0 ||
      !array_argument(env, arguments[1], napi_float64_array, &data, &length) || length < 4)
    return number_value(env, -EINVAL);
  int status;
  struct rusage used;
  pid_t result;
  do result = wait4(pid, &status, WNOHANG, &used);
  while (result < 0 && errno == EINTR);
  if (result > 0) {
    double *facts = data;
    facts[0] = status;
    facts[1] = (double)used.ru_utime.tv_sec * 1e6 + (double)used.ru_utime.tv_usec;
    facts[2] = (double)used.ru_stime.tv_sec * 1e6 + (double)used.ru_stime.tv_usec;
    facts[3] = (double)used.ru_maxrss * 1024;
  }
  return result_value(env, result);
}

static napi_value sys_set_subreaper(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  bool on;
  if (napi_get_value_bool(env, arguments[0], &on) != napi_ok) return number_value(env, -EINVAL);
  return result_value(env, prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)on, 0, 0, 0));
}

void reap_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {
      {"peekEnded", sys_peek_ended}, {"collect", sys_collect}, {"setSubreaper", sys_set_subreaper}};
  EXPORT_CALLS(env, exports, calls);
}
