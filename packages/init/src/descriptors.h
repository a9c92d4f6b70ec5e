/* Own descriptors: never 0, 1 or 2, even if these are closed, and far from those that a child might expect. */
#ifndef SUPERVISE_INIT_DESCRIPTORS_H
#define SUPERVISE_INIT_DESCRIPTORS_H

/*
 * Moves a descriptor to the highest free numbers below the soft limit (at most 1000), with close-on-exec, and closes the old number. The
 * new number, or a negative errno (the old one is closed then too). A negative argument is given back.
 */
int descriptors_raise(int descriptor);

#endif
