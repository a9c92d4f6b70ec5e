/* Unix sockets: datagrams with their sender's credentials and passed descriptors. */
#include "unix_socket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* SCM_MAX_FD of the kernel: what one message can carry. */
#define MOST_DESCRIPTORS 253

/* Where receive() puts each fact; the same order as in src/datagrams.ts. */
enum { FACT_TRUNCATED, FACT_HAS_SENDER, FACT_PID, FACT_UID, FACT_GID, FACT_DESCRIPTORS, FACT_LIST };

/* Aligned as the kernel wants control messages. */
union control {
  char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
  struct cmsghdr aligned;
};

int unix_address(napi_env env, napi_value value, struct sockaddr_un *address) {
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  int error = text_argument(env, value, address->sun_path, sizeof(address->sun_path));
  if (error < 0) return error;
  size_t length = strlen(address->sun_path);
  if (length == 0) return -EINVAL;
  bool abstract = address->sun_path[0] == '@';
  if (abstract) address->sun_path[0] = 0;
  return (int)(offsetof(struct sockaddr_un, sun_path) + length + !abstract);
}

int bind_unix(int fd, const struct sockaddr_un *address, int length, mode_t mode) {
  if (fchmod(fd, mode) < 0 || bind(fd, (const struct sockaddr *)address, (socklen_t)length) < 0) return -1;
  if (address->sun_path[0] == 0 || chmod(address->sun_path, mode) == 0) return 0;
  int error = errno;
  unlink(address->sun_path);
  errno = error;
  return -1;
}

static napi_value sys_datagram_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct sockaddr_un address;
  int64_t mode;
  int length = unix_address(env, arguments[0], &address);
  if (length < 0) return number_value(env, length);
  if (!whole_argument(env, arguments[1], 0, 0777, &mode)) return number_value(env, -EINVAL);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd < 0 || (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
                 bind_unix(fd, &address, length, (mode_t)mode) == 0))
    return result_value(env, fd);
  napi_value failure = result_value(env, -1);
  close(fd);
  return failure;
}

static void read_control(struct msghdr *message, int *facts) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(part), sizeof(sender));
      facts[FACT_HAS_SENDER] = 1;
      facts[FACT_PID] = sender.pid;
      facts[FACT_UID] = (int)sender.uid;
      facts[FACT_GID] = (int)sender.gid;
    }
    if (part->cmsg_type == SCM_RIGHTS) {
      size_t size = part->cmsg_len - CMSG_LEN(0);
      memcpy(&facts[FACT_LIST + facts[FACT_DESCRIPTORS]], CMSG_DATA(part), size);
      facts[FACT_DESCRIPTORS] += (int)(size / sizeof(int));
    }
  }
}

/* receive(fd, bytes, facts: Int32Array): bytes received, or a negative errno; it never waits. */
static napi_value sys_receive(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int fd;
  void *bytes, *data;
  size_t size, length;
  if (!int_argument(env, arguments[0], &fd) || !array_argument(env, arguments[1], napi_uint8_array, &bytes, &size) ||
      !array_argument(env, arguments[2], napi_int32_array, &data, &length) || length < FACT_LIST + MOST_DESCRIPTORS)
    return number_value(env, -EINVAL);
  union control control;
  struct iovec part = {bytes, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
  ssize_t result;
  do result = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (result < 0 && errno == EINTR);
  if (result < 0) return result_value(env, -1);
  int *facts = data;
  memset(facts, 0, FACT_LIST * sizeof(int));
  facts[FACT_TRUNCATED] = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  read_control(&message, facts);
  return number_value(env, (double)result);
}

/* Sends one message, with descriptors where there are any, without waiting and without SIGPIPE. */
static napi_value send_message(napi_env env, int fd, struct sockaddr_un *address, int address_length,
                               napi_value payload, napi_value passed) {
  void *bytes, *descriptors;
  size_t size, count;
  if (!array_argument(env, payload, napi_uint8_array, &bytes, &size) ||
      !array_argument(env, passed, napi_int32_array, &descriptors, &count) || count > MOST_DESCRIPTORS)
    return number_value(env, -EINVAL);
  union control control = {0};
  struct iovec part = {bytes, size};
  struct msghdr message = {
      .msg_name = address, .msg_namelen = (socklen_t)address_length, .msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  ssize_t result;
  do result = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (result < 0 && errno == EINTR);
  return result_value(env, result);
}

/* send(fd, bytes, descriptors: Int32Array) */
static napi_value sys_send(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return send_message(env, fd, NULL, 0, arguments[1], arguments[2]);
}

/* sendTo(path, bytes, descriptors: Int32Array), from a socket that lives only for this call. */
static napi_value sys_send_to(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  struct sockaddr_un address;
  int length = unix_address(env, arguments[0], &address);
  if (length < 0) return number_value(env, length);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return result_value(env, -1);
  napi_value result = send_message(env, fd, &address, length, arguments[1], arguments[2]);
  close(fd);
  return result;
}

/* connectSocket(path, stream: 0 or 1): a connected socket that never waits, or a negative errno. */
static napi_value sys_connect_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct sockaddr_un address;
  int64_t stream;
  int length = unix_address(env, arguments[0], &address);
  if (length < 0) return number_value(env, length);
  if (!whole_argument(env, arguments[1], 0, 1, &stream)) return number_value(env, -EINVAL);
  int fd = socket(AF_UNIX, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, (socklen_t)length) == 0) return result_value(env, fd);
  napi_value failure = result_value(env, -1);
  close(fd);
  return failure;
}

/* peerCredentials(fd, ids: Int32Array): 0 and pid, uid, gid, or a negative errno. */
static napi_value sys_peer_credentials(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  void *ids;
  size_t length;
  if (!int_argument(env, arguments[0], &fd) || !array_argument(env, arguments[1], napi_int32_array, &ids, &length) ||
      length < 3)
    return number_value(env, -EINVAL);
  struct ucred peer;
  socklen_t size = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return result_value(env, -1);
  ((int *)ids)[0] = peer.pid;
  ((int *)ids)[1] = (int)peer.uid;
  ((int *)ids)[2] = (int)peer.gid;
  return number_value(env, 0);
}

void socket_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"datagramSocket", sys_datagram_socket},
                                        {"receive", sys_receive},
                                        {"send", sys_send},
                                        {"sendTo", sys_send_to},
                                        {"connectSocket", sys_connect_socket},
                                        {"peerCredentials", sys_peer_credentials}};
  EXPORT_CALLS(env, exports, calls);
}
