/* Packets over the keeper's end of the socket pair. */
#ifndef SUPERVISE_KEEPER_SOCKET_H
#define SUPERVISE_KEEPER_SOCKET_H

#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* More descriptors than a deposit may have, so that "too many" can be told from "no number free". */
#define ROOM_FOR_DESCRIPTORS 8

/* A packet as it came; nothing of it is proved yet. */
struct packet {
  struct message_header header;
  size_t size; /* of the fields that came */
  bool whole;  /* the header is there and tells the true length */
  bool lost_descriptors;
  unsigned count;
  int descriptors[ROOM_FOR_DESCRIPTORS]; /* close-on-exec; the receiver's to close */
  char fields[LONGEST_FIELDS];
};

/* A message to be sent: its fields, then a text without its end (a name, or nothing). */
struct outgoing {
  enum message_type type;
  const void *fields;
  size_t size;
  const char *text;
  size_t length;
  const int *descriptors;
  unsigned count;
};

/* Makes the pair; ours learns the senders, by which an empty packet differs from the end of the stream. 0 or a negative errno. */
int socket_make_pair(int *ours, int *theirs);

/* 0 or a negative errno: -EAGAIN when there is no room. Never waits, never raises SIGPIPE. */
int socket_send(int socket, const struct outgoing *message);

/* 1: a packet; 0: the other end is closed and all was read; or a negative errno, -EAGAIN when nothing is there. */
int socket_receive(int socket, struct packet *packet);

/* Closes what came with the packet. */
void packet_drop_descriptors(struct packet *packet);

#endif
