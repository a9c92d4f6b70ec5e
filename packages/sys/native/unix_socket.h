/* What the calls on Unix sockets share (socket.c). */
#pragma once

#include "addon.h"

#include <sys/socket.h>
#include <sys/un.h>

/* A leading "@" stands for the NUL of the abstract namespace, as in NOTIFY_SOCKET. Gives the length, or a negative errno. */
int unix_address(napi_env env, napi_value value, struct sockaddr_un *address);

/* The mode is set before the name appears, and again after, for bind(2) takes the umask off. -1 and errno where it fails. */
int bind_unix(int fd, const struct sockaddr_un *address, int length, mode_t mode);
