/*
 * Locks of fcntl(2) on whole files. Those of an open file description (F_OFD_SETLK) and those of a process (F_SETLK, which a child takes in spawn_child.c) keep
 * each other out, and F_GETLK names the process of the latter.
 */
#include "addon.h"

#include <fcntl.h>
#include <unistd.h>

/* Somebody holds it, and the kernel names no process: the lock is an open file's (l_pid -1), or of a process in a namespace that we do not see (0). */
#define UNKNOWN_HOLDER 4294967295.0

static napi_value sys_lock_file(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return result_value(env, fcntl(fd, F_OFD_SETLK, &whole));
}

/* lockHolder(fd): 0 where nobody else's lock is in the way, its process, UNKNOWN_HOLDER, or a negative errno. */
static napi_value sys_lock_holder(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  if (fcntl(fd, F_GETLK, &asked) < 0) return result_value(env, -1);
  if (asked.l_type == F_UNLCK) return number_value(env, 0);
  return number_value(env, asked.l_pid > 0 ? asked.l_pid : UNKNOWN_HOLDER);
}

/*
 * hasWriter(fd): 1 where the file is open for writing anywhere, 0 where it is not. The kernel gives a read lease only on a file that nobody writes (fcntl(2)),
 * and it is given back at once. -EINVAL where the file system knows no leases, -EACCES where the file is another user's.
 */
static napi_value sys_has_writer(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0) return errno == EAGAIN ? number_value(env, 1) : result_value(env, -1);
  return result_value(env, fcntl(fd, F_SETLEASE, F_UNLCK));
}

/* replaceDescriptor(fd, target) */
static napi_value sys_replace_descriptor(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd, target;
  if (!int_argument(env, arguments[0], &fd) || !int_argument(env, arguments[1], &target) || target < 0)
    return number_value(env, -EINVAL);
  if (fd == target) return result_value(env, fcntl(fd, F_GETFD) < 0 ? -1 : 0);
  return result_value(env, dup3(fd, target, target > STDERR_FILENO ? O_CLOEXEC : 0) < 0 ? -1 : 0);
}

void locks_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"lockFile", sys_lock_file},
                                        {"lockHolder", sys_lock_holder},
                                        {"hasWriter", sys_has_writer},
                                        {"replaceDescriptor", sys_replace_descriptor}};
  EXPORT_CALLS(env, exports, calls);
}
