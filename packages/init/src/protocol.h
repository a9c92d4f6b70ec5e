/*
 * What the keeper and the supervisor say to each other (docs/keeper.md). One packet of a SOCK_SEQPACKET pair is one message: a header, then
 * the fields in the machine's byte order, packed; 64-bit fields stand first.
 */
#ifndef SUPERVISE_PROTOCOL_H
#define SUPERVISE_PROTOCOL_H

#include <stdint.h>

#define PROTOCOL_VERSION 1

/* Descriptors in one deposit, bytes of its name, and bytes after the header of the longest message (SETTINGS with a path, FINISHED with a reason). */
#define MOST_DESCRIPTORS 4
#define LONGEST_NAME 63
#define LONGEST_FIELDS 8192

/* The environment as the init got it, deposited by the keeper itself; nobody else may use the name. */
#define ENVIRONMENT_NAME "environment"

enum message_type {
  MESSAGE_HELLO = 1,
  MESSAGE_HELD,
  MESSAGE_BEGIN,
  MESSAGE_EXIT,
  MESSAGE_SIGNAL,
  MESSAGE_PING,
  MESSAGE_REFUSED,
  MESSAGE_READY = 64,
  MESSAGE_ACK,
  MESSAGE_PONG,
  MESSAGE_DEPOSIT,
  MESSAGE_WITHDRAW,
  MESSAGE_SETTINGS,
  MESSAGE_FINISHED,
  MESSAGE_UPGRADE,
};

/* How the supervisor before this one ended. */
enum previous_end { PREVIOUS_NONE, PREVIOUS_EXITED, PREVIOUS_KILLED, PREVIOUS_HUNG, PREVIOUS_UPGRADED };

enum init_flag { FLAG_IS_PID_1 = 1, FLAG_IS_SUBREAPER = 2 };

#define PACKED __attribute__((packed))

struct message_header {
  uint32_t type;
  uint32_t length; /* of the fields */
} PACKED;

struct hello_message {
  uint64_t previous_ended_ns; /* CLOCK_REALTIME; 0: there was none */
  uint64_t exits_lost;        /* since the init began */
  uint64_t signals_lost;
  uint32_t version;
  uint32_t generation; /* 1 is the first supervisor */
  uint32_t previous_end;
  int32_t previous_status; /* exit code or signal */
  int32_t init_pid;
  uint32_t flags;
  int32_t open_files; /* soft limit that the init was started with; -1: none, or none that matters */
} PACKED;

struct exit_message {
  uint64_t number; /* from 1; a gap is a loss */
  uint64_t time_ns;
  uint64_t user_micros;
  uint64_t system_micros;
  uint64_t peak_rss_bytes;
  int32_t pid;
  int32_t code;   /* CLD_EXITED, CLD_KILLED or CLD_DUMPED */
  int32_t status; /* exit code or signal */
} PACKED;

struct signal_message {
  uint64_t number; /* from 1; a gap is a loss */
  uint64_t time_ns;
  int64_t value; /* of sigqueue(3) */
  int32_t signal;
  int32_t code; /* si_code */
  int32_t sender_pid;
  uint32_t sender_uid;
} PACKED;

struct ping_message {
  uint64_t number;
} PACKED;

/* The name follows. */
struct refused_message {
  int32_t error; /* a positive errno */
  uint32_t refused_type;
} PACKED;

struct ack_message {
  uint64_t exits;   /* the highest number dealt with; 0: none */
  uint64_t signals; /* likewise */
} PACKED;

/* In place of the time between pings: as the init was told by its own --hang-after. */
#define PING_AS_STARTED UINT32_MAX

/* The path of the termination log follows; it may be empty. */
struct settings_message {
  uint32_t grace_ms;
  uint32_t ping_every_ms; /* 0: never; PING_AS_STARTED: then the limit means nothing */
  uint32_t ping_limit_ms;
} PACKED;

/* The reason follows. */
struct finished_message {
  int32_t exit_code;
} PACKED;

#endif
