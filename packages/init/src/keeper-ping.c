/* A supervisor that hangs answers no question. */
#include "keeper-state.h"

#include "signals.h"

#include <time.h>

/*
 * The time limit is counted in pieces at whose ends we wake up ourselves. A piece in which we were stopped, frozen or suspended counts as one, however
 * long it was: the supervisor was probably so with us.
 */
#define PIECE_MS 1000

/*
 * A piece counts whole where the supervisor ran all of it (an endless loop) or did not run at all (it waits for something that does not come, or is
 * stopped). Who got some of the processor and wanted more answers late because the machine is busy: of such a piece a quarter counts, or what it got.
 */
#define STARVED_FACTOR 4

/* Who has got this part of its time limit as processor time, and has not answered, does not wait for the processor only. */
#define ENOUGH_PART 8

/* Until it is in service it may take so many times as long: Node has to be read from a disk, the configuration after it. */
#define START_FACTOR 4

/* Once a stop was asked for, silence for this time or the grace period, whichever is longer, is too long: whoever asked counts the time as well. */
#define LEAST_STOP_MS 5000

/* A time of the settings, shortened while a stop goes on. */
static int64_t while_stopping(const struct keeper *keeper, int64_t time_ms) {
  if (keeper->stop_number == 0) return time_ms;
  int64_t grace_ms = keeper->settings.grace_ms, most_ms = grace_ms > LEAST_STOP_MS ? grace_ms : LEAST_STOP_MS;
  return time_ms < most_ms ? time_ms : most_ms;
}

void keeper_schedule_ping(struct keeper *keeper) {
  keeper->deadlines[DEADLINE_PING] = keeper->deadlines[DEADLINE_PONG] = 0;
  keeper->ping_unsent = false;
  if (keeper->settings.ping_every_ms > 0 && keeper->leaving == LEAVING_NOT)
    keeper_set_deadline(keeper, DEADLINE_PING, while_stopping(keeper, keeper->settings.ping_every_ms));
}

/* Of all threads; clock_getcpuclockid(3) gives this number. 0 where the kernel does not tell. */
static int64_t used_ns(const struct keeper *keeper) {
  struct timespec used = {0};
  clock_gettime((clockid_t)(~(unsigned)keeper->supervisor << 3 | 2), &used);
  return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static void await_piece(struct keeper *keeper) {
  keeper->piece_ms = keeper->patience_ms < PIECE_MS ? keeper->patience_ms : PIECE_MS;
  keeper->used_ns = used_ns(keeper);
  keeper_set_deadline(keeper, DEADLINE_PONG, keeper->piece_ms);
}

static int64_t counted_ms(const struct keeper *keeper) {
  int64_t used = used_ns(keeper) - keeper->used_ns, used_ms = used / 1000000;
  if (used <= 0 || used_ms > keeper->piece_ms || keeper->used_ns + used > keeper->enough_ns) return keeper->piece_ms;
  int64_t least_ms = (keeper->piece_ms + STARVED_FACTOR - 1) / STARVED_FACTOR;
  return used_ms > least_ms ? used_ms : least_ms;
}

bool keeper_finds_hang_within(const struct keeper *keeper, int64_t time_ms) {
  const struct settings_message *settings = &keeper->settings;
  if (settings->ping_every_ms == 0) return false;
  return while_stopping(keeper, settings->ping_every_ms) + while_stopping(keeper, settings->ping_limit_ms) < time_ms;
}

void keeper_await_answer(struct keeper *keeper) {
  keeper->patience_ms = while_stopping(keeper, keeper->settings.ping_limit_ms);
  if (!keeper->in_service) keeper->patience_ms = (int64_t)keeper->settings.ping_limit_ms * START_FACTOR;
  keeper->enough_ns = used_ns(keeper) + keeper->patience_ms * 1000000 / ENOUGH_PART;
  await_piece(keeper);
}

void keeper_ask(struct keeper *keeper) {
  keeper->ping = ++keeper->pings;
  keeper->ping_unsent = true;
  keeper_await_answer(keeper);
}

bool keeper_lost_patience(struct keeper *keeper) {
  keeper->patience_ms -= counted_ms(keeper);
  if (keeper->patience_ms <= 0) return true;
  await_piece(keeper);
  return false;
}

void keeper_start_pings(struct keeper *keeper, struct settings_message *settings) {
  int64_t half_ms = (keeper->options->hang_after_ms + 1) / 2;
  settings->ping_every_ms = settings->ping_limit_ms = (uint32_t)(half_ms < UINT32_MAX ? half_ms : UINT32_MAX - 1);
}
