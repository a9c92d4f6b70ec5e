/* Sockets that listen. */
#include "unix_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

/* listenUnix(path, mode, backlog): a stream socket that listens there, or a negative errno. */
static napi_value sys_listen_unix(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  struct sockaddr_un address;
  int64_t mode, backlog;
  int length = unix_address(env, arguments[0], &address);
  if (length < 0) return number_value(env, length);
  if (!whole_argument(env, arguments[1], 0, 0777, &mode) || !whole_argument(env, arguments[2], 0, INT32_MAX, &backlog))
    return number_value(env, -EINVAL);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return result_value(env, -1);
  if (bind_unix(fd, &address, length, (mode_t)mode) == 0 && listen(fd, (int)backlog) == 0) return number_value(env, fd);
  napi_value failure = result_value(env, -1);
  close(fd);
  return failure;
}

/* An address of IPv6 takes clients of IPv6 alone, so that the same port of both can be had. */
static int bind_port(int fd, const struct in6_addr *six, const struct in_addr *four, in_port_t port) {
  const int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) return -1;
  if (six == NULL) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = *four};
    return bind(fd, (struct sockaddr *)&address, sizeof(address));
  }
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = *six};
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) return -1;
  return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

/* listenTcp(address, port, backlog): the same for a numeric address; port 0 is one that the kernel chooses. */
static napi_value sys_listen_tcp(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char text[INET6_ADDRSTRLEN];
  struct in_addr four;
  struct in6_addr six;
  int64_t port, backlog;
  int error = text_argument(env, arguments[0], text, sizeof(text));
  if (error < 0) return number_value(env, error);
  bool is_six = inet_pton(AF_INET6, text, &six) == 1;
  if ((!is_six && inet_pton(AF_INET, text, &four) != 1) || !whole_argument(env, arguments[1], 0, 65535, &port) ||
      !whole_argument(env, arguments[2], 0, INT32_MAX, &backlog))
    return number_value(env, -EINVAL);
  int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return result_value(env, -1);
  if (bind_port(fd, is_six ? &six : NULL, &four, (in_port_t)port) == 0 && listen(fd, (int)backlog) == 0)
    return number_value(env, fd);
  napi_value failure = result_value(env, -1);
  close(fd);
  return failure;
}

/* setBacklog(fd, backlog): listen(2) on a socket that listens already changes nothing else. */
static napi_value sys_set_backlog(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  int64_t backlog;
  if (!int_argument(env, arguments[0], &fd) || !whole_argument(env, arguments[1], 0, INT32_MAX, &backlog))
    return number_value(env, -EINVAL);
  return result_value(env, listen(fd, (int)backlog));
}

/* accept(fd): the next client's connection, or a negative errno; EAGAIN: nobody waits. */
static napi_value sys_accept(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return result_value(env, accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

void listen_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"listenUnix", sys_listen_unix},
                                        {"listenTcp", sys_listen_tcp},
                                        {"setBacklog", sys_set_backlog},
                                        {"accept", sys_accept}};
  EXPORT_CALLS(env, exports, calls);
}
