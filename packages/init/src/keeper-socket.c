#include "keeper-socket.h"

#include "descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Aligned as the kernel wants control messages. */
union control {
  char bytes[CMSG_SPACE(ROOM_FOR_DESCRIPTORS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
  struct cmsghdr aligned;
};

int socket_make_pair(int *ours, int *theirs) {
  int pair[2];
  const int on = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  *ours = descriptors_raise(pair[0]);
  /* As low as it came: whatever a supervisor starts costs it a copy of all numbers up to its highest. */
  *theirs = pair[1];
  int error = *ours < 0 ? *ours : 0;
  if (error == 0 && setsockopt(*ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) error = -errno;
  if (error == 0) return 0;
  if (*ours >= 0) close(*ours);
  close(*theirs);
  return error;
}

int socket_send(int socket, const struct outgoing *message) {
  struct message_header header = {message->type, (uint32_t)(message->size + message->length)};
  struct iovec parts[] = {
      {&header, sizeof(header)}, {(void *)message->fields, message->size}, {(void *)message->text, message->length}};
  struct msghdr packet = {.msg_iov = parts, .msg_iovlen = 3};
  union control control;
  if (message->count > 0) {
    size_t size = message->count * sizeof(int);
    memset(&control, 0, sizeof(control));
    packet.msg_control = &control;
    packet.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *part = CMSG_FIRSTHDR(&packet);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(part), message->descriptors, size);
  }
  return sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Takes the descriptors out of the control messages; true if the sender was named, as it is with every packet. */
static bool read_control(struct msghdr *message, struct packet *packet) {
  bool named = false;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_CREDENTIALS) named = true;
    if (part->cmsg_type != SCM_RIGHTS) continue;
    size_t size = part->cmsg_len - CMSG_LEN(0);
    memcpy(packet->descriptors, CMSG_DATA(part), size);
    packet->count = (unsigned)(size / sizeof(int));
  }
  return named;
}

int socket_receive(int socket, struct packet *packet) {
  union control control;
  struct iovec parts[] = {{&packet->header, sizeof(packet->header)}, {packet->fields, sizeof(packet->fields)}};
  struct msghdr message = {
      .msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
  packet->count = 0;
  ssize_t size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (size < 0) return -errno;
  bool named = read_control(&message, packet);
  if (size == 0 && !named) return 0;
  packet->lost_descriptors = (message.msg_flags & MSG_CTRUNC) != 0;
  packet->whole = size >= (ssize_t)sizeof(packet->header) && !(message.msg_flags & MSG_TRUNC) &&
                  packet->header.length == (size_t)size - sizeof(packet->header);
  packet->size = packet->whole ? packet->header.length : 0;
  return 1;
}

void packet_drop_descriptors(struct packet *packet) {
  for (unsigned i = 0; i < packet->count; i++) close(packet->descriptors[i]);
  packet->count = 0;
}
