/* Descriptors that the supervisor deposited by name. */
#ifndef SUPERVISE_KEEPER_TABLE_H
#define SUPERVISE_KEEPER_TABLE_H

#include "protocol.h"

#include <stddef.h>

#define MOST_DEPOSITS 8192

/* A place of the table; it is free while it has no descriptors. */
struct deposit {
  uint8_t length; /* of the name */
  uint8_t count;  /* of the descriptors */
  uint16_t after; /* next place of the same chain, or next free place; one more than its index, 0: none */
  uint32_t generation;
  int descriptors[MOST_DESCRIPTORS];
  char name[LONGEST_NAME];
};

/*
 * Places are used from the front and a freed one first, so that memory is touched only for as many deposits as there were at once. A chain
 * links the places whose names have the same hash.
 */
struct deposit_table {
  uint16_t chains[MOST_DEPOSITS]; /* first place of each chain, as `after` */
  uint16_t free;
  uint16_t used; /* places that were ever in use */
  uint16_t held;
  struct deposit places[MOST_DEPOSITS];
};

/*
 * Takes the descriptors, which are the table's from then on; those of an earlier deposit of that name are closed. 0, or -ENOSPC where the
 * table is full, and then the descriptors stay the caller's. The name is 1 to LONGEST_NAME bytes, of any kind; the count 1 to MOST_DESCRIPTORS.
 */
int table_put(struct deposit_table *table, const char *name, size_t length, const int *descriptors, unsigned count,
              uint32_t generation);

/* Closes and forgets the deposit; one that is not there is forgotten already. */
void table_remove(struct deposit_table *table, const char *name, size_t length);

/* The deposit of that name, or NULL. */
const struct deposit *table_find(const struct deposit_table *table, const char *name, size_t length);

/* The first deposit at or behind place *cursor of a generation before this one, or NULL; moves the cursor to it. */
const struct deposit *table_next(const struct deposit_table *table, unsigned *cursor, uint32_t generation);

#endif
