#include "keeper-state.h"

#include "report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A supervisor that says nonsense says it again and again; its services' output must not drown in our complaints. */
#define MOST_REPORTED 16

/* One that said it would exit gets at least so long, whatever the grace period. */
#define LEAST_LEAVE_MS 1000

/* What closed its socket is usually exiting. */
#define CLOSED_LEAVE_MS 2000

static void mistake(struct keeper *keeper, const char *what) {
  if (keeper->mistakes > MOST_REPORTED) return;
  if (keeper->mistakes++ == MOST_REPORTED) {
    report("ignored more packets of the supervisor, and will say so no more");
    return;
  }
  struct line line;
  line_start(&line);
  line_text(&line, "ignored a packet of the supervisor: ");
  line_text(&line, what);
  if (keeper->packet.whole) {
    line_text(&line, ", type ");
    line_number(&line, keeper->packet.header.type);
    line_text(&line, ", ");
    line_number(&line, (int64_t)keeper->packet.size);
    line_text(&line, " bytes");
  }
  line_send(&line);
}

static void hear_ready(struct keeper *keeper) {
  keeper->ready = keeper->in_service = true;
  keeper_schedule_ping(keeper);
}

static void hear_ack(struct keeper *keeper) {
  struct ack_message ack;
  memcpy(&ack, keeper->packet.fields, sizeof(ack));
  if (ack.exits >= keeper->exits.window.next || ack.signals >= keeper->signal_ring.window.next) {
    mistake(keeper, "it acknowledges what was never told");
    return;
  }
  window_acknowledge(&keeper->exits.window, ack.exits);
  window_acknowledge(&keeper->signal_ring.window, ack.signals);
  if (keeper->stop_number == 0 || ack.signals < keeper->stop_number) return;
  keeper->stopping = true;
  keeper->stop_number = 0;
  keeper->deadlines[DEADLINE_STOP] = 0;
}

static void hear_pong(struct keeper *keeper) {
  struct ping_message pong;
  memcpy(&pong, keeper->packet.fields, sizeof(pong));
  if (pong.number == keeper->stop_ping) keeper->deadlines[DEADLINE_STOP] = 0;
  /* An answer to an earlier question is none to this one. */
  if (pong.number != keeper->ping || keeper->deadlines[DEADLINE_PONG] == 0) return;
  keeper_schedule_ping(keeper);
}

/* The table's from here on, or refused and closed. */
static void hear_deposit(struct keeper *keeper) {
  struct packet *packet = &keeper->packet;
  int error = 0;
  if (packet->count > MOST_DESCRIPTORS || (packet->count == 0 && !packet->lost_descriptors)) error = EINVAL;
  else if (packet->lost_descriptors) error = EMFILE;
  else if (packet->size == sizeof(ENVIRONMENT_NAME) - 1 && memcmp(packet->fields, ENVIRONMENT_NAME, packet->size) == 0)
    error = EPERM;
  for (unsigned i = 0; i < packet->count && error == 0; i++)
    if (packet->descriptors[i] >= keeper->descriptor_limit) error = EMFILE;
  if (error == 0)
    error = -table_put(&keeper->table, packet->fields, packet->size, packet->descriptors, packet->count,
                       keeper->generation);
  if (error == 0) packet->count = 0;
  else keeper_refuse(keeper, error, MESSAGE_DEPOSIT, packet->fields, packet->size);
}

static void hear_withdraw(struct keeper *keeper) {
  const struct packet *packet = &keeper->packet;
  if (packet->size == sizeof(ENVIRONMENT_NAME) - 1 && memcmp(packet->fields, ENVIRONMENT_NAME, packet->size) == 0)
    keeper_refuse(keeper, EPERM, MESSAGE_WITHDRAW, packet->fields, packet->size);
  else table_remove(&keeper->table, packet->fields, packet->size);
}

static void hear_settings(struct keeper *keeper) {
  const struct packet *packet = &keeper->packet;
  struct settings_message settings;
  memcpy(&settings, packet->fields, sizeof(settings));
  const char *path = packet->fields + sizeof(settings);
  size_t length = packet->size - sizeof(settings);
  if (length >= LONGEST_TEXT || memchr(path, 0, length) != NULL ||
      (settings.ping_every_ms > 0 && settings.ping_limit_ms == 0 && settings.ping_every_ms != PING_AS_STARTED)) {
    keeper_refuse(keeper, EINVAL, MESSAGE_SETTINGS, "", 0);
    return;
  }
  if (settings.ping_every_ms == PING_AS_STARTED) keeper_start_pings(keeper, &settings);
  keeper->settings = settings;
  memcpy(keeper->termination_log, path, length);
  keeper->termination_log[length] = 0;
  keeper->create_log = true;
  if (keeper->deadlines[DEADLINE_PONG] == 0 || settings.ping_every_ms == 0) keeper_schedule_ping(keeper);
  else keeper_await_answer(keeper);
}

/* It is about to exit: it is asked nothing more, and it had better do so. */
static void hear_leaving(struct keeper *keeper, enum leaving leaving) {
  if (keeper->leaving == LEAVING_FINISHED) return;
  keeper->leaving = leaving;
  uint32_t grace = keeper->settings.grace_ms;
  keeper_set_deadline(keeper, DEADLINE_LEAVE, grace > LEAST_LEAVE_MS ? grace : LEAST_LEAVE_MS);
  keeper_schedule_ping(keeper);
}

static void hear_finished(struct keeper *keeper) {
  const struct packet *packet = &keeper->packet;
  struct finished_message finished;
  if (keeper->leaving == LEAVING_FINISHED) return;
  memcpy(&finished, packet->fields, sizeof(finished));
  keeper->exit_code = finished.exit_code & 255; /* as exit(3) does */
  size_t length = packet->size - sizeof(finished);
  if (length >= LONGEST_TEXT) length = LONGEST_TEXT - 1;
  memcpy(keeper->reason, packet->fields + sizeof(finished), length);
  keeper->reason[length] = 0;
  hear_leaving(keeper, LEAVING_FINISHED);
}

static void hear_upgrade(struct keeper *keeper) { hear_leaving(keeper, LEAVING_UPGRADED); }

static const struct {
  void (*hear)(struct keeper *);
  size_t least, most; /* bytes of the fields */
} kinds[] = {
    [MESSAGE_READY] = {hear_ready, 0, 0},
    [MESSAGE_ACK] = {hear_ack, sizeof(struct ack_message), sizeof(struct ack_message)},
    [MESSAGE_PONG] = {hear_pong, sizeof(struct ping_message), sizeof(struct ping_message)},
    [MESSAGE_DEPOSIT] = {hear_deposit, 1, LONGEST_NAME},
    [MESSAGE_WITHDRAW] = {hear_withdraw, 1, LONGEST_NAME},
    [MESSAGE_SETTINGS] = {hear_settings, sizeof(struct settings_message), LONGEST_FIELDS},
    [MESSAGE_FINISHED] = {hear_finished, sizeof(struct finished_message), LONGEST_FIELDS},
    [MESSAGE_UPGRADE] = {hear_upgrade, 0, 0},
};

static void hear_packet(struct keeper *keeper) {
  const struct packet *packet = &keeper->packet;
  uint32_t type = packet->header.type;
  if (!packet->whole) mistake(keeper, "its length is not what its header says");
  else if (type >= sizeof(kinds) / sizeof(*kinds) || kinds[type].hear == NULL) mistake(keeper, "no such message");
  else if (packet->size < kinds[type].least || packet->size > kinds[type].most) mistake(keeper, "wrong length");
  else if (packet->count > 0 && type != MESSAGE_DEPOSIT) mistake(keeper, "it brings descriptors");
  else kinds[type].hear(keeper);
}

/* A refusal that could not be sent yet holds further packets back: there is room for one. */
void keeper_hear(struct keeper *keeper, unsigned most) {
  for (unsigned heard = 0; heard < most && keeper->socket >= 0 && !keeper->refusal.pending; heard++) {
    int result = socket_receive(keeper->socket, &keeper->packet);
    if (result == 1) {
      hear_packet(keeper);
      packet_drop_descriptors(&keeper->packet);
      if (keeper->refusal.pending) keeper_tell(keeper);
    } else if (result == -ECONNRESET) {
      /* Told once, before what is still there: the other end closed without having read all. */
      continue;
    } else if (result == -EAGAIN || result == -EINTR || result == -ENOMEM) {
      return;
    } else {
      close(keeper->socket);
      keeper->socket = -1;
      keeper->refusal.pending = false;
      if (keeper->deadlines[DEADLINE_LEAVE] == 0) keeper_set_deadline(keeper, DEADLINE_LEAVE, CLOSED_LEAVE_MS);
    }
  }
}
