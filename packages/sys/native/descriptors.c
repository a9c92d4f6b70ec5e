/* Descriptors that have no name: files in memory, pairs of sockets, copies. All are close-on-exec. */
#include "addon.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* memfd_create(2) allows so many bytes of a name, without its NUL. */
#define LONGEST_NAME 249

/* memoryFile(name): a descriptor of an empty file in memory, or a negative errno. */
static napi_value sys_memory_file(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  char name[LONGEST_NAME + 1];
  int error = text_argument(env, arguments[0], name, sizeof(name));
  if (error < 0) return number_value(env, error);
  return result_value(env, memfd_create(name, MFD_CLOEXEC));
}

/* socketPair(pair: Int32Array): 0 and both ends, which keep the bounds of messages, or a negative errno. */
static napi_value sys_socket_pair(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int ends[2];
  void *pair;
  size_t length;
  if (!array_argument(env, arguments[0], napi_int32_array, &pair, &length) || length < 2)
    return number_value(env, -EINVAL);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return result_value(env, -1);
  memcpy(pair, ends, sizeof(ends));
  return number_value(env, 0);
}

/* duplicate(fd): another number of the same open file, or a negative errno. */
static napi_value sys_duplicate(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return result_value(env, fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

void descriptors_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {
      {"memoryFile", sys_memory_file}, {"socketPair", sys_socket_pair}, {"duplicate", sys_duplicate}};
  EXPORT_CALLS(env, exports, calls);
}
