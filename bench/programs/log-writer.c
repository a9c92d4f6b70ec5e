/*
 * log-writer ID LINES GATE DONE [PAUSE]: LINES lines of 100 bytes on stdout, as fast as they are taken: "ID NUMBER xxx...", ID of 4 digits, NUMBER of 10 from 1 on.
 * It opens the FIFO DONE, says "r" there, waits until the FIFO GATE is opened for writing, and closes DONE after the last line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 100
#define LINES_AT_ONCE 1000

static void put_number(char *end, unsigned long number, int digits) {
  while (digits-- > 0) {
    *--end = (char)('0' + number % 10);
    number /= 10;
  }
}

static void write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(1, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) _exit(111);
    bytes += count;
    length -= (size_t)count;
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 100;
  static char bytes[LINE * LINES_AT_ONCE];
  unsigned long count = strtoul(argv[2], NULL, 10), number = 0;
  memset(bytes, 'x', sizeof(bytes));
  for (int line = 0; line < LINES_AT_ONCE; line++) {
    char *start = bytes + line * LINE;
    put_number(start + 4, strtoul(argv[1], NULL, 10), 4);
    start[4] = start[15] = ' ';
    start[LINE - 1] = '\n';
  }
  int done = open(argv[4], O_WRONLY | O_CLOEXEC);
  if (done < 0 || write(done, "r", 1) != 1) return 111;
  int gate = open(argv[3], O_RDONLY | O_CLOEXEC);
  if (gate < 0) return 111;
  while (number < count) {
    int line = 0;
    for (; line < LINES_AT_ONCE && number < count; line++) put_number(bytes + line * LINE + 15, ++number, 10);
    write_all(bytes, (size_t)line * LINE);
  }
  /* What has come to its end is not to be started again before everything is looked at. */
  close(done);
  for (;;) pause();
}
