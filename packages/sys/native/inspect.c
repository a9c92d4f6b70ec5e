/* What looking at other processes needs: links and attributes of files, and sockets of the kernel's own protocols. */
#include "addon.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

/* readLink(path, bytes): how many bytes the target of a symbolic link has, at most as many as there is room for. */
static napi_value sys_read_link(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char path[PATH_MAX];
  void *bytes;
  size_t size;
  int error = text_argument(env, arguments[0], path, sizeof(path));
  if (error < 0) return number_value(env, error);
  if (!array_argument(env, arguments[1], napi_uint8_array, &bytes, &size)) return number_value(env, -EINVAL);
  return result_value(env, readlink(path, bytes, size));
}

/* fileAttribute(path, name, bytes): how many bytes an extended attribute has. */
static napi_value sys_file_attribute(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char path[PATH_MAX], name[XATTR_NAME_MAX + 1];
  void *bytes;
  size_t size;
  int error = text_argument(env, arguments[0], path, sizeof(path));
  if (error == 0) error = text_argument(env, arguments[1], name, sizeof(name));
  if (error < 0) return number_value(env, error);
  if (!array_argument(env, arguments[2], napi_uint8_array, &bytes, &size)) return number_value(env, -EINVAL);
  return result_value(env, getxattr(path, name, bytes, size));
}

/* netlinkSocket(protocol): a socket that talks to the kernel. */
static napi_value sys_netlink_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int protocol;
  if (!int_argument(env, arguments[0], &protocol)) return number_value(env, -EINVAL);
  return result_value(env, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
}

void inspect_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {
      {"readLink", sys_read_link}, {"fileAttribute", sys_file_attribute}, {"netlinkSocket", sys_netlink_socket}};
  EXPORT_CALLS(env, exports, calls);
}
