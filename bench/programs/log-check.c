/*
 * log-check FIRST COUNT FILE...: reads rows that end with lines of log-writer, of any services, in the order of the files. Prints, as one JSON object, how many lines
 * there are, how many numbers are missing, double or out of order, and how many rows are torn: not 100 bytes of log-writer behind whatever a logger put before them.
 * Services are FIRST and the COUNT - 1 that follow it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE 99
#define SERVICES 10000

static unsigned long last[SERVICES], lines, missing, twice, torn, others;

static long number_of(const char *digits, int count) {
  long number = 0;
  for (; count-- > 0; digits++) {
    if (*digits < '0' || *digits > '9') return -1;
    number = number * 10 + (*digits - '0');
  }
  return number;
}

static void look_at(const char *row, size_t length, const char *filling) {
  const char *line = row + length - LINE;
  long id = -1, number = -1;
  if (length >= LINE && memcmp(line + 16, filling, LINE - 16) == 0 && line[4] == ' ' && line[15] == ' ') {
    id = number_of(line, 4);
    number = number_of(line + 5, 10);
  }
  if (id < 0 || number < 1) {
    /* A logger's own words are told apart by having none of ours. */
    if (memmem(row, length, "xxxx", 4) == NULL) others++;
    else torn++;
    return;
  }
  /* Two lines in one row. */
  if (memmem(row, length - LINE, "xxxx", 4) != NULL) torn++;
  lines++;
  if ((unsigned long)number <= last[id]) twice++;
  else missing += (unsigned long)number - last[id] - 1, last[id] = (unsigned long)number;
}

int main(int argc, char **argv) {
  if (argc < 4) return 100;
  unsigned long first = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10), least = 0;
  char filling[LINE];
  memset(filling, 'x', sizeof(filling));
  for (int i = 3; i < argc; i++) {
    struct stat stat;
    int fd = open(argv[i], O_RDONLY);
    if (fd < 0 || fstat(fd, &stat) < 0) return 111;
    if (stat.st_size > 0) {
      char *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0), *end = bytes + stat.st_size;
      if (bytes == MAP_FAILED) return 111;
      for (char *row = bytes; row < end;) {
        char *newline = memchr(row, '\n', (size_t)(end - row));
        if (newline == NULL) newline = end;
        look_at(row, (size_t)(newline - row), filling);
        row = newline + 1;
      }
      munmap(bytes, (size_t)stat.st_size);
    }
    close(fd);
  }
  for (unsigned long id = first; id < first + count && id < SERVICES; id++)
    if (id == first || last[id] < least) least = last[id];
  printf("{\"lines\":%lu,\"missing\":%lu,\"double\":%lu,\"torn\":%lu,\"others\":%lu,\"last\":%lu}\n", lines, missing, twice, torn,
         others, least);
}
