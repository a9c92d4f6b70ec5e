/*
 * holders N: N processes that each hold three files, a pipe with both ends, a pair of Unix sockets, a listening socket, an eventfd and an epoll.
 * Says their numbers, one on a line, then "ready"; ends with them when its stdin closes.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

static _Noreturn void give_up(const char *what) {
  perror(what);
  exit(111);
}

static _Noreturn void hold(int told) {
  int pair[2];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int made = 0; made < 3; made++)
    if (open("/etc/passwd", O_RDONLY) < 0) give_up("open");
  if (pipe(pair) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) give_up("pair");
  int listener = socket(AF_INET, SOCK_STREAM, 0), event = eventfd(0, 0), poll = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0 || event < 0 ||
      epoll_ctl(poll, EPOLL_CTL_ADD, event, &input) < 0)
    give_up("hold");
  if (write(told, "x", 1) != 1) give_up("tell");
  close(told);
  for (;;) pause();
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000, told[2];
  char byte;
  if (pipe(told) < 0) give_up("pipe");
  for (int made = 0; made < count; made++) {
    pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) hold(told[1]);
    printf("%d\n", (int)child);
    fflush(stdout);
    if (read(told[0], &byte, 1) != 1) give_up("read");
  }
  puts("ready");
  fflush(stdout);
  while (read(0, &byte, 1) > 0) continue;
}
