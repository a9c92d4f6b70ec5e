#include "keeper-state.h"

#include "report.h"
#include "terminate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a kubelet looks, unless the supervisor names another place. It is there or it is not: nobody wants it made on another machine. */
#define USUAL_TERMINATION_LOG "/dev/termination-log"

void keeper_end(struct keeper *keeper, int exit_code, const char *reason) {
  if (keeper->ending) return;
  keeper->ending = true;
  keeper->exit_code = exit_code;
  if (reason == keeper->reason) return;
  size_t length = strnlen(reason, LONGEST_TEXT - 1);
  memcpy(keeper->reason, reason, length);
  keeper->reason[length] = 0;
}

static void say_reason(const char *reason) {
  struct line line;
  line_start(&line);
  for (; *reason != 0; reason++) {
    /* A message is one line, whatever text the reason quotes. */
    bool is_control = (unsigned char)*reason < ' ' || *reason == 0x7f;
    line_text(&line, (char[2]){is_control ? ' ' : *reason, 0});
  }
  line_send(&line);
}

/* A device, a FIFO or a socket in its place could hold us up for ever. */
static int open_log(const char *path, bool create) {
  int log = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_TRUNC | (create ? O_CREAT : 0), 0644);
  if (log < 0) return -errno;
  struct stat facts;
  if (fstat(log, &facts) == 0 && S_ISREG(facts.st_mode)) return log;
  close(log);
  return -EINVAL;
}

static void log_reason(const struct keeper *keeper) {
  const char *path = keeper->create_log ? keeper->termination_log : USUAL_TERMINATION_LOG;
  if (*path == 0) return;
  int log = open_log(path, keeper->create_log);
  size_t length = strlen(keeper->reason);
  int error = log < 0 ? log : 0;
  if (log >= 0 && write(log, keeper->reason, length) != (ssize_t)length) error = errno != 0 ? -errno : -EIO;
  if (log >= 0) close(log);
  if (error == 0 || !keeper->create_log) return;
  struct line line;
  line_start(&line);
  line_text(&line, "cannot write the termination log ");
  line_quoted(&line, path);
  line_text(&line, ": ");
  line_errno(&line, -error);
  line_send(&line);
}

void keeper_finish(struct keeper *keeper) {
  if (*keeper->reason != 0) {
    say_reason(keeper->reason);
    log_reason(keeper);
  }
  if (keeper->socket >= 0) close(keeper->socket);
  terminate_all(keeper_last_grace_ms(keeper), keeper->supervisor, NULL);
  job_close(&keeper->job);
}
