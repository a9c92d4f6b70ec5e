/* Ends of children and signals, in the order in which they came, kept until the supervisor says that it has dealt with them. */
#ifndef SUPERVISE_KEEPER_RING_H
#define SUPERVISE_KEEPER_RING_H

#include "protocol.h"

#include <stdbool.h>

/* What fits before the oldest is given up. A supervisor takes them within milliseconds; these are for one that is away or hangs. */
#define MOST_EXITS 16384
#define MOST_SIGNALS 1024

/*
 * Numbers first..next-1 are kept; unsent..next-1 of these were not yet told to this supervisor. All begin at 1, so that 0 can say "none" in
 * an ACK. The place of number n is n - base: base follows whenever nothing is kept, so that a quiet keeper touches the same first page again
 * and again, and not all of the ring in the course of a year.
 */
struct window {
  uint64_t base, first, next, unsent;
  uint64_t lost; /* given up to make room, ever */
};

struct exit_ring {
  struct window window;
  struct exit_message kept[MOST_EXITS];
};

struct signal_ring {
  struct window window;
  struct signal_message kept[MOST_SIGNALS];
};

void rings_begin(struct exit_ring *exits, struct signal_ring *signals);

/* Both number the message themselves. When the ring is full the oldest message is lost, and counted. */
void keep_exit(struct exit_ring *ring, const struct exit_message *message);
void keep_signal(struct signal_ring *ring, const struct signal_message *message);

/* The first message that this supervisor was not told, or NULL. */
const struct exit_message *unsent_exit(const struct exit_ring *ring);
const struct signal_message *unsent_signal(const struct signal_ring *ring);

/* All up to this number were dealt with. False if no such number was ever given, and nothing is changed then. */
bool window_acknowledge(struct window *window, uint64_t number);

/* A new supervisor: whatever is kept is to be told again. */
void window_rewind(struct window *window);

#endif
