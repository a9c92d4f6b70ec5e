/* Pseudo-terminals. */
#include "addon.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* The peer is opened through the controller (Linux 4.13), so that it is the right one in whatever mount namespace we are. */
static int open_terminal(int controller) {
  int terminal = ioctl(controller, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal >= 0 || (errno != ENOTTY && errno != EINVAL)) return terminal;
  char path[64];
  int error = ptsname_r(controller, path, sizeof(path));
  if (error == 0) return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  errno = error;
  return -1;
}

/* openPty(columns, rows, pair: Int32Array): 0 and both descriptors, or a negative errno and none. */
static napi_value sys_open_pty(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int64_t columns, rows;
  void *pair;
  size_t length;
  if (!whole_argument(env, arguments[0], 0, UINT16_MAX, &columns) ||
      !whole_argument(env, arguments[1], 0, UINT16_MAX, &rows) ||
      !array_argument(env, arguments[2], napi_int32_array, &pair, &length) || length < 2)
    return number_value(env, -EINVAL);
  int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (controller < 0) return result_value(env, -1);
  struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  int terminal = -1;
  if (grantpt(controller) < 0 || unlockpt(controller) < 0 || (terminal = open_terminal(controller)) < 0 ||
      ioctl(controller, TIOCSWINSZ, &size) < 0) {
    napi_value failure = result_value(env, -1);
    if (terminal >= 0) close(terminal);
    close(controller);
    return failure;
  }
  ((int *)pair)[0] = controller;
  ((int *)pair)[1] = terminal;
  return number_value(env, 0);
}

/* TIOCSWINSZ: the foreground process group gets SIGWINCH. */
static napi_value sys_resize_pty(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int fd;
  int64_t columns, rows;
  if (!int_argument(env, arguments[0], &fd) || !whole_argument(env, arguments[1], 0, UINT16_MAX, &columns) ||
      !whole_argument(env, arguments[2], 0, UINT16_MAX, &rows))
    return number_value(env, -EINVAL);
  struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  return result_value(env, ioctl(fd, TIOCSWINSZ, &size));
}

/* rawTerminal(fd, settings: Uint8Array): keeps the settings there, then cfmakeraw(3). The bytes that were kept, or a negative errno. */
static napi_value sys_raw_terminal(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  void *kept;
  size_t length;
  struct termios settings;
  if (!int_argument(env, arguments[0], &fd) || !array_argument(env, arguments[1], napi_uint8_array, &kept, &length) ||
      length < sizeof(settings))
    return number_value(env, -EINVAL);
  if (tcgetattr(fd, &settings) < 0) return result_value(env, -1);
  memcpy(kept, &settings, sizeof(settings));
  cfmakeraw(&settings);
  if (tcsetattr(fd, TCSANOW, &settings) < 0) return result_value(env, -1);
  return number_value(env, sizeof(settings));
}

/* restoreTerminal(fd, settings: Uint8Array): what rawTerminal has kept. */
static napi_value sys_restore_terminal(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  void *kept;
  size_t length;
  struct termios settings;
  if (!int_argument(env, arguments[0], &fd) || !array_argument(env, arguments[1], napi_uint8_array, &kept, &length) ||
      length != sizeof(settings))
    return number_value(env, -EINVAL);
  memcpy(&settings, kept, sizeof(settings));
  return result_value(env, tcsetattr(fd, TCSANOW, &settings));
}

void pty_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"openPty", sys_open_pty},
                                        {"resizePty", sys_resize_pty},
                                        {"rawTerminal", sys_raw_terminal},
                                        {"restoreTerminal", sys_restore_terminal}};
  EXPORT_CALLS(env, exports, calls);
}
