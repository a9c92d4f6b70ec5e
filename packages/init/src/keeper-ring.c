#include "keeper-ring.h"

void rings_begin(struct exit_ring *exits, struct signal_ring *signals) {
  exits->window = signals->window = (struct window){.base = 1, .first = 1, .next = 1, .unsent = 1};
}

/* Takes the next number and gives its place. */
static uint64_t window_place(struct window *window, uint64_t capacity) {
  if (window->next - window->first == capacity) {
    window->first++;
    window->lost++;
    if (window->unsent < window->first) window->unsent = window->first;
  }
  return (window->next++ - window->base) % capacity;
}

void keep_exit(struct exit_ring *ring, const struct exit_message *message) {
  uint64_t number = ring->window.next;
  struct exit_message *kept = &ring->kept[window_place(&ring->window, MOST_EXITS)];
  *kept = *message;
  kept->number = number;
}

void keep_signal(struct signal_ring *ring, const struct signal_message *message) {
  uint64_t number = ring->window.next;
  struct signal_message *kept = &ring->kept[window_place(&ring->window, MOST_SIGNALS)];
  *kept = *message;
  kept->number = number;
}

const struct exit_message *unsent_exit(const struct exit_ring *ring) {
  const struct window *window = &ring->window;
  if (window->unsent == window->next) return 0;
  return &ring->kept[(window->unsent - window->base) % MOST_EXITS];
}

const struct signal_message *unsent_signal(const struct signal_ring *ring) {
  const struct window *window = &ring->window;
  if (window->unsent == window->next) return 0;
  return &ring->kept[(window->unsent - window->base) % MOST_SIGNALS];
}

bool window_acknowledge(struct window *window, uint64_t number) {
  if (number >= window->next) return false;
  if (number >= window->first) window->first = number + 1;
  if (window->unsent < window->first) window->unsent = window->first;
  if (window->first == window->next) window->base = window->next;
  return true;
}

void window_rewind(struct window *window) { window->unsent = window->first; }
