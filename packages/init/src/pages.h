#ifndef PAGES_H
#define PAGES_H

/* Lets go of the program's pages that were needed to begin with; what is needed later is mapped again when it is. Of use with a C library: most of
   what it brings runs once. They stay in the page cache, as any program's. */
void pages_let_go(void);

#endif
