/* inotify(7): the kernel tells of changes in directories and files. Events are read from the descriptor as they are. */
#include "addon.h"

#include <limits.h>
#include <sys/inotify.h>

static napi_value sys_notifications(napi_env env, napi_callback_info info) {
  (void)info;
  return result_value(env, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

/* watchPath(fd, path, events): the number of the watch; that of the watch there is already, where its inode has one. */
static napi_value sys_watch_path(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char path[PATH_MAX];
  int fd;
  int64_t events;
  int path_error = text_argument(env, arguments[1], path, sizeof(path));
  if (path_error < 0) return number_value(env, path_error);
  if (!int_argument(env, arguments[0], &fd) || !whole_argument(env, arguments[2], 0, UINT32_MAX, &events))
    return number_value(env, -EINVAL);
  return result_value(env, inotify_add_watch(fd, path, (uint32_t)events));
}

static napi_value sys_unwatch_path(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd, watch;
  if (!int_argument(env, arguments[0], &fd) || !int_argument(env, arguments[1], &watch))
    return number_value(env, -EINVAL);
  return result_value(env, inotify_rm_watch(fd, watch));
}

void notify_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {
      {"notifications", sys_notifications}, {"watchPath", sys_watch_path}, {"unwatchPath", sys_unwatch_path}};
  EXPORT_CALLS(env, exports, calls);
}
