/* Signals by pid and by pidfd, and what a pidfd tells of its process. */
#include "addon.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Both are in every kernel since 5.3, and their numbers are the same on all architectures. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

/* PIDFD_GET_INFO of <linux/pidfd.h>, written out because headers before Linux 6.15 lack it; the first published size, 64 bytes. */
struct pidfd_info_64 {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
#define INFO_EXIT ((uint64_t)1 << 3)
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_64)
_Static_assert(sizeof(struct pidfd_info_64) == 64, "the size is part of the request's number");

static napi_value sys_kill(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int pid, number;
  if (!int_argument(env, arguments[0], &pid) || !int_argument(env, arguments[1], &number))
    return number_value(env, -EINVAL);
  return result_value(env, kill(pid, number));
}

static napi_value sys_pidfd_open(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int pid;
  if (!int_argument(env, arguments[0], &pid)) return number_value(env, -EINVAL);
  return result_value(env, syscall(SYS_pidfd_open, pid, 0));
}

static napi_value sys_pidfd_send_signal(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int pidfd, number;
  if (!int_argument(env, arguments[0], &pidfd) || !int_argument(env, arguments[1], &number))
    return number_value(env, -EINVAL);
  return result_value(env, syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0));
}

/* The raw wait status, or a negative errno; -EAGAIN while it lives or is a zombie, for the kernel tells only once it was collected. */
static napi_value sys_pidfd_exit(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int pidfd;
  if (!int_argument(env, arguments[0], &pidfd)) return number_value(env, -EINVAL);
  struct pidfd_info_64 told = {.mask = INFO_EXIT};
  if (ioctl(pidfd, GET_INFO, &told) < 0) return result_value(env, -1);
  return number_value(env, told.mask & INFO_EXIT ? told.exit_code : -EAGAIN);
}

void pidfd_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"kill", sys_kill},
                                        {"pidfdOpen", sys_pidfd_open},
                                        {"pidfdSendSignal", sys_pidfd_send_signal},
                                        {"pidfdExit", sys_pidfd_exit}};
  EXPORT_CALLS(env, exports, calls);
}
