#include "report.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "signals.h"

/* Not every C library has it. */
#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

static const char *own_name = "supervise-init";

static int level = 1;

int report_level(void) { return level; }

void report_set_level(int wanted) { level = wanted; }

void report_as(const char *name) { own_name = name; }

void line_text(struct line *line, const char *text) {
  /* One byte is kept for the line end. */
  while (*text != '\0' && line->length < sizeof line->text - 1) line->text[line->length++] = *text++;
}

void line_start(struct line *line) {
  line->length = 0;
  line_text(line, own_name);
  line_text(line, ": ");
}

void line_quoted(struct line *line, const char *text) {
  line_text(line, "\"");
  /* Room is kept for what follows a very long name. */
  for (; *text != '\0' && line->length < sizeof line->text - 128; text++) {
    char one[2] = {*text, '\0'};
    if ((unsigned char)*text < ' ' || *text == 0x7f) *one = '?';
    line_text(line, one);
  }
  line_text(line, "\"");
}

void line_number(struct line *line, int64_t number) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  digits[--at] = '\0';
  do digits[--at] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0) digits[--at] = '-';
  line_text(line, digits + at);
}

void line_signal(struct line *line, int signal) {
  const char *name = signal_name(signal);
  line_text(line, "SIG");
  if (name) line_text(line, name);
  else {
    line_text(line, "RTMIN+");
    line_number(line, signal - 34);
  }
}

void line_errno(struct line *line, int error) {
  static const struct {
    int error;
    const char *text;
  } known[] = {
      {ENOENT, "no such file or directory (ENOENT)"},
      {EACCES, "permission denied (EACCES)"},
      {EPERM, "operation not permitted (EPERM)"},
      {ESRCH, "no such process (ESRCH)"},
      {ENOTDIR, "not a directory (ENOTDIR)"},
      {EISDIR, "is a directory (EISDIR)"},
      {ENOEXEC, "exec format error (ENOEXEC)"},
      {E2BIG, "argument list too long (E2BIG)"},
      {ELOOP, "too many symbolic links (ELOOP)"},
      {ENAMETOOLONG, "file name too long (ENAMETOOLONG)"},
      {ETXTBSY, "text file busy (ETXTBSY)"},
      {EAGAIN, "resource temporarily unavailable (EAGAIN)"},
      {ENOMEM, "out of memory (ENOMEM)"},
      {EINVAL, "invalid argument (EINVAL)"},
      {EMFILE, "too many open files (EMFILE)"},
      {ENFILE, "too many open files in the system (ENFILE)"},
      {EIO, "input/output error (EIO)"},
      {ENOSYS, "function not implemented (ENOSYS)"},
      {ENOTTY, "not a terminal (ENOTTY)"},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].error == error) {
      line_text(line, known[i].text);
      return;
    }
  line_text(line, "error ");
  line_number(line, error);
}

/*
 * O_NONBLOCK would change the descriptor for everybody who shares it, so each call has to be told not to wait. A socket and a pipe can be
 * told; a terminal and a file cannot, and are asked first.
 */
static ssize_t write_without_waiting(int descriptor, const char *text, size_t length) {
  ssize_t written = send(descriptor, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written >= 0 || errno != ENOTSOCK) return written;
  struct iovec part = {.iov_base = (void *)text, .iov_len = length};
  written = syscall(SYS_pwritev2, descriptor, &part, 1, -1L, -1L, RWF_NOWAIT);
  if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL && errno != EAGAIN)) return written;
  struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
  if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT)) return -1;
  return write(descriptor, text, length);
}

void line_send(struct line *line) {
  int error = errno;
  line->text[line->length++] = '\n';
  (void)write_without_waiting(2, line->text, line->length);
  errno = error;
}

void report(const char *text) {
  struct line line;
  line_start(&line);
  line_text(&line, text);
  line_send(&line);
}

void report_errno(const char *what, int error) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot ");
  line_text(&line, what);
  line_text(&line, ": ");
  line_errno(&line, error);
  line_send(&line);
}

int print_text(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    text += written;
    length -= (size_t)written;
  }
  return 0;
}
