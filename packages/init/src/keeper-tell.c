#include "keeper-state.h"

#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

/* After so many, signals and children get their turn. */
#define MOST_SENT_IN_A_TURN 512

/* The kernel had no memory, or too many descriptors are under way: nothing will announce the end of that. */
#define SEND_AGAIN_MS 20

static int tell_hello(const struct keeper *keeper) {
  int is_subreaper = 0;
  prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper);
  const rlim_t soft = keeper->open_files.rlim_cur;
  const struct hello_message hello = {.previous_ended_ns = keeper->previous_ended_ns,
                                      .exits_lost = keeper->exits.window.lost,
                                      .signals_lost = keeper->signal_ring.window.lost,
                                      .version = PROTOCOL_VERSION,
                                      .generation = keeper->generation,
                                      .previous_end = keeper->previous_end,
                                      .previous_status = keeper->previous_status,
                                      .init_pid = keeper->own_pid,
                                      .flags = (keeper->own_pid == 1 ? FLAG_IS_PID_1 : 0) |
                                               (is_subreaper ? FLAG_IS_SUBREAPER : 0),
                                      .open_files = soft > INT32_MAX ? -1 : (int32_t)soft};
  const struct outgoing message = {.type = MESSAGE_HELLO, .fields = &hello, .size = sizeof(hello)};
  return socket_send(keeper->socket, &message);
}

static int tell_refusal(struct keeper *keeper) {
  const struct outgoing message = {.type = MESSAGE_REFUSED,
                                   .fields = &keeper->refusal.message,
                                   .size = sizeof(keeper->refusal.message),
                                   .text = keeper->refusal.name,
                                   .length = keeper->refusal.length};
  int error = socket_send(keeper->socket, &message);
  if (error == 0) keeper->refusal.pending = false;
  return error;
}

static int tell_ping(const struct keeper *keeper, uint64_t number, bool *unsent) {
  const struct ping_message ping = {number};
  const struct outgoing message = {.type = MESSAGE_PING, .fields = &ping, .size = sizeof(ping)};
  int error = socket_send(keeper->socket, &message);
  if (error == 0) *unsent = false;
  return error;
}

static bool is_passing(int error) {
  return error == -EAGAIN || error == -ETOOMANYREFS || error == -ENOMEM || error == -ENOBUFS || error == -EINTR;
}

/* One deposit; after the last, the next stage. A descriptor that cannot be passed at all must not stop the others. */
static int tell_held(struct keeper *keeper) {
  const struct deposit *deposit = table_next(&keeper->table, &keeper->told, keeper->generation);
  if (deposit == NULL) {
    keeper->telling = TELLING_BEGIN;
    return 0;
  }
  const struct outgoing message = {.type = MESSAGE_HELD,
                                   .text = deposit->name,
                                   .length = deposit->length,
                                   .descriptors = deposit->descriptors,
                                   .count = deposit->count};
  int error = socket_send(keeper->socket, &message);
  if (is_passing(error) || error == -EPIPE || error == -ECONNRESET) return error;
  if (error < 0) report_errno("pass a held descriptor on", -error);
  keeper->told++;
  return 0;
}

static int tell_exit(struct keeper *keeper, const struct exit_message *exit) {
  const struct outgoing message = {.type = MESSAGE_EXIT, .fields = exit, .size = sizeof(*exit)};
  int error = socket_send(keeper->socket, &message);
  if (error == 0) keeper->exits.window.unsent++;
  return error;
}

static int tell_signal(struct keeper *keeper, const struct signal_message *signal) {
  const struct outgoing message = {.type = MESSAGE_SIGNAL, .fields = signal, .size = sizeof(*signal)};
  int error = socket_send(keeper->socket, &message);
  if (error == 0) keeper->signal_ring.window.unsent++;
  return error;
}

/* Sends the next message, if there is one: 1, or 0 for none, or a negative errno. */
static int tell_next(struct keeper *keeper) {
  int error;
  if (keeper->telling == TELLING_HELLO) {
    if ((error = tell_hello(keeper)) == 0) keeper->telling = TELLING_HELD;
    return error < 0 ? error : 1;
  }
  if (keeper->refusal.pending) return (error = tell_refusal(keeper)) < 0 ? error : 1;
  if (keeper->ping_unsent) return (error = tell_ping(keeper, keeper->ping, &keeper->ping_unsent)) < 0 ? error : 1;
  if (keeper->telling == TELLING_HELD) return (error = tell_held(keeper)) < 0 ? error : 1;
  if (keeper->telling == TELLING_BEGIN) {
    const struct outgoing message = {.type = MESSAGE_BEGIN};
    if ((error = socket_send(keeper->socket, &message)) == 0) keeper->telling = TELLING_NEWS;
    return error < 0 ? error : 1;
  }
  const struct exit_message *exit = unsent_exit(&keeper->exits);
  const struct signal_message *signal = unsent_signal(&keeper->signal_ring);
  if (signal == NULL && keeper->stop_ping_unsent)
    return (error = tell_ping(keeper, keeper->stop_ping, &keeper->stop_ping_unsent)) < 0 ? error : 1;
  if (exit != NULL && (signal == NULL || exit->time_ns <= signal->time_ns))
    return (error = tell_exit(keeper, exit)) < 0 ? error : 1;
  if (signal != NULL) return (error = tell_signal(keeper, signal)) < 0 ? error : 1;
  return 0;
}

void keeper_tell(struct keeper *keeper) {
  keeper->wants_room = false;
  if (keeper->socket < 0 || keeper->mute || keeper->deadlines[DEADLINE_SEND] != 0) return;
  int result = 1;
  for (unsigned sent = 0; sent < MOST_SENT_IN_A_TURN && result == 1; sent++) result = tell_next(keeper);
  if (result == 1 || result == -EAGAIN) keeper->wants_room = true;
  else if (is_passing(result)) keeper_set_deadline(keeper, DEADLINE_SEND, SEND_AGAIN_MS);
  else if (result < 0) {
    keeper->mute = true;
    keeper->refusal.pending = false;
  }
}

void keeper_refuse(struct keeper *keeper, int error, uint32_t type, const char *name, size_t length) {
  keeper->refusal.pending = !keeper->mute;
  keeper->refusal.message = (struct refused_message){error, type};
  keeper->refusal.length = length;
  memcpy(keeper->refusal.name, name, length);
}
