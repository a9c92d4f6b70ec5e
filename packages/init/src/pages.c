#include "pages.h"

#ifdef LET_GO_OF_PAGES

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only of what the file holds unchanged: the segments that cannot be written. A static program is not moved: its addresses are those of the file. */
void pages_let_go(void) {
  const ElfW(Phdr) *segment = (const ElfW(Phdr) *)getauxval(AT_PHDR);
  const size_t count = getauxval(AT_PHNUM);
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (size_t index = 0; segment != NULL && index < count; index++) {
    if (segment[index].p_type != PT_LOAD || (segment[index].p_flags & PF_W) != 0) continue;
    const uintptr_t from = segment[index].p_vaddr & ~(page - 1);
    const uintptr_t to = (segment[index].p_vaddr + segment[index].p_memsz + page - 1) & ~(page - 1);
    (void)madvise((void *)from, to - from, MADV_DONTNEED);
  }
}

#else

void pages_let_go(void) {}

#endif
