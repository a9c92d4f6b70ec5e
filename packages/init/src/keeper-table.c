#include "keeper-table.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* FNV-1a. The names come from our own supervisor, so nobody has an interest in collisions. */
static unsigned chain_of(const char *name, size_t length) {
  uint32_t hash = 2166136261;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619;
  return hash % MOST_DEPOSITS;
}

static void close_all(struct deposit *deposit) {
  for (unsigned i = 0; i < deposit->count; i++) close(deposit->descriptors[i]);
  deposit->count = 0;
}

/* The link that leads to the deposit of that name, or to 0 at the end of its chain. */
static uint16_t *find_link(struct deposit_table *table, const char *name, size_t length) {
  uint16_t *link = &table->chains[chain_of(name, length)];
  for (; *link != 0; link = &table->places[*link - 1].after) {
    const struct deposit *deposit = &table->places[*link - 1];
    if (deposit->length == length && memcmp(deposit->name, name, length) == 0) break;
  }
  return link;
}

const struct deposit *table_find(const struct deposit_table *table, const char *name, size_t length) {
  uint16_t link = *find_link((struct deposit_table *)table, name, length);
  return link == 0 ? NULL : &table->places[link - 1];
}

/* A place that is in no chain, or NULL. */
static struct deposit *take_place(struct deposit_table *table) {
  if (table->free != 0) {
    struct deposit *place = &table->places[table->free - 1];
    table->free = place->after;
    return place;
  }
  return table->used < MOST_DEPOSITS ? &table->places[table->used++] : NULL;
}

int table_put(struct deposit_table *table, const char *name, size_t length, const int *descriptors, unsigned count,
              uint32_t generation) {
  uint16_t *link = find_link(table, name, length);
  struct deposit *deposit = *link != 0 ? &table->places[*link - 1] : take_place(table);
  if (deposit == NULL) return -ENOSPC;
  if (*link == 0) {
    memcpy(deposit->name, name, length);
    deposit->length = (uint8_t)length;
    deposit->after = 0;
    *link = (uint16_t)(deposit - table->places + 1);
    table->held++;
  }
  close_all(deposit);
  memcpy(deposit->descriptors, descriptors, count * sizeof(int));
  deposit->count = (uint8_t)count;
  deposit->generation = generation;
  return 0;
}

void table_remove(struct deposit_table *table, const char *name, size_t length) {
  uint16_t *link = find_link(table, name, length);
  uint16_t freed = *link;
  if (freed == 0) return;
  struct deposit *deposit = &table->places[freed - 1];
  close_all(deposit);
  *link = deposit->after;
  deposit->after = table->free;
  table->free = freed;
  table->held--;
}

const struct deposit *table_next(const struct deposit_table *table, unsigned *cursor, uint32_t generation) {
  for (; *cursor < table->used; ++*cursor) {
    const struct deposit *deposit = &table->places[*cursor];
    if (deposit->count > 0 && deposit->generation < generation) return deposit;
  }
  return NULL;
}
