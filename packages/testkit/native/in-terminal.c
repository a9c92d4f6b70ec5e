/* in-terminal [--pid-1] COLUMNS ROWS COMMAND [ARG...]: runs the command with a new pseudo-terminal as its controlling terminal; with --pid-1 as
 * PID 1 of new PID and mount namespaces with their own /proc, as a container's first process has it.
 *
 * stdin is what is typed; its end hangs the terminal up. stdout is what the terminal shows. A line "COLUMNS ROWS" on descriptor 3 resizes.
 * When the command has ended, stderr gets "terminal restored" or "terminal changed" (its settings against those before), and the exit
 * code is the command's, or 128 + n for signal n. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

static _Noreturn void give_up(const char *what) {
  perror(what);
  exit(111);
}

/* Moves what is there from one descriptor to the other; false at the end. */
static int relay(int from, int to) {
  char bytes[65536];
  ssize_t count = read(from, bytes, sizeof bytes);
  if (count <= 0) return 0;
  for (ssize_t done = 0, more; done < count; done += more) {
    more = write(to, bytes + done, (size_t)(count - done));
    if (more < 0) return 0;
  }
  return 1;
}

/* Several lines may come at once; a line is written whole, and so it is read. */
static void resize(int from, int controller) {
  char lines[4096];
  ssize_t count = read(from, lines, sizeof lines - 1);
  if (count <= 0) return;
  lines[count] = 0;
  char *rest = NULL;
  for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    struct winsize size = {0};
    if (sscanf(line, "%hu %hu", &size.ws_col, &size.ws_row) == 2) ioctl(controller, TIOCSWINSZ, &size);
  }
}

/* The kernel itself sets and clears nothing here; only the settings that a program chooses are compared. */
static int same_settings(const struct termios *a, const struct termios *b) {
  return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
         memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

static pid_t fork_as_pid_one(void) {
  pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);
  if (pid == 0 &&
      (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", "/proc", "proc", 0, NULL) < 0))
    give_up("mount");
  return pid;
}

int main(int argc, char **argv) {
  int as_pid_one = argc > 1 && strcmp(argv[1], "--pid-1") == 0;
  argc -= as_pid_one;
  argv += as_pid_one;
  if (argc < 4) return 64;
  struct winsize size = {.ws_col = (unsigned short)atoi(argv[1]), .ws_row = (unsigned short)atoi(argv[2])};
  struct termios before, after;
  int controller, terminal;
  if (openpty(&controller, &terminal, NULL, NULL, &size) < 0 || tcgetattr(terminal, &before) < 0) give_up("openpty");
  fcntl(controller, F_SETFD, FD_CLOEXEC);
  fcntl(3, F_SETFD, FD_CLOEXEC);
  sigset_t ended, none;
  sigemptyset(&none);
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &ended, NULL);
  int children = signalfd(-1, &ended, SFD_CLOEXEC);
  pid_t pid = as_pid_one ? fork_as_pid_one() : fork();
  if (pid < 0) give_up("fork");
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (login_tty(terminal) < 0) give_up("login_tty");
    execvp(argv[3], argv + 3);
    give_up(argv[3]);
  }
  enum { TYPED, SHOWN, SIZE, ENDED, COUNT };
  struct pollfd watched[COUNT] = {{0, POLLIN, 0}, {controller, POLLIN, 0}, {3, POLLIN, 0}, {children, POLLIN, 0}};
  for (;;) {
    if (poll(watched, COUNT, -1) < 0) continue;
    if (watched[SHOWN].revents && !relay(controller, 1)) watched[SHOWN].fd = -1;
    if (watched[TYPED].revents && !relay(0, controller)) {
      watched[TYPED].fd = watched[SHOWN].fd = watched[SIZE].fd = -1;
      close(terminal);
      close(controller);
      controller = terminal = -1;
    }
    if (controller >= 0 && watched[SIZE].revents & POLLIN) resize(3, controller);
    else if (watched[SIZE].revents) watched[SIZE].fd = -1;
    if (watched[ENDED].revents) break;
  }
  int status;
  waitpid(pid, &status, 0);
  if (controller >= 0) {
    fcntl(controller, F_SETFL, O_NONBLOCK);
    while (relay(controller, 1)) continue;
    tcgetattr(terminal, &after);
    fputs(same_settings(&before, &after) ? "terminal restored\n" : "terminal changed\n", stderr);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
