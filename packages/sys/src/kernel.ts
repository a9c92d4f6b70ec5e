/**
 * The system calls that Node lacks, as one surface with two makers: `createKernel()` (the C addon) and `createFakeKernel()` (memory).
 * Expected outcomes are values: a call that may fail returns a negative errno where it returns a number.
 */

/** A negative errno is -1 to -4095; `errnoName(-2)` is "ENOENT". */
export type Result = number;

/** Step between fork and exec that failed. */
export type ExecStage =
  | "clone"
  | "session"
  | "process group"
  | "controlling terminal"
  | "signals"
  | "cgroup"
  | "nice"
  | "oom score"
  | "limits"
  | "groups"
  | "gid"
  | "uid"
  | "capabilities"
  | "no new privileges"
  | "umask"
  | "working directory"
  | "root"
  | "descriptors"
  | "parent death signal"
  | "lock"
  | "exec";

/** Entries as they are, or one block of bytes in which each entry ends with a NUL (the last may lack it). An entry with a NUL inside is refused. */
export type EntryList = readonly (string | Uint8Array)[] | Uint8Array;

/**
 * What the child is to be. Every id, number and mask is checked to be whole and in range: what is not fails with EINVAL under its stage.
 * Signal dispositions are always the default for all 64 signals and the signal mask is empty, whatever ours are.
 */
export interface SpawnRequest {
  /** Candidates for execve(2), tried in order until one is found (ENOENT, ENOTDIR and EACCES go on to the next). */
  readonly files: readonly string[];
  /** argv, argv[0] included, as entries or as one block (see {@link EntryList}). Bytes pass untouched. */
  readonly argv: EntryList;
  /** "KEY=value" entries, exactly these; bytes pass untouched. The same block for many spawns saves encoding it each time. */
  readonly env: EntryList;
  /** The child's descriptor i is our descriptor `descriptors[i]`; -1 leaves it closed. All others are closed, close-on-exec or not. */
  readonly descriptors: readonly number[];
  /**
   * "new": setsid(2). "inherit": keep ours. A number: join or make that process group (0: own). "detached": in a new session, whose leader has ended already (the
   * second fork of the daemons' rules), so that it can never take a controlling terminal; not together with `sibling` or `birth`.
   */
  readonly session: "new" | "detached" | "inherit" | { readonly processGroup: number };
  /** Descriptor number in the child of the terminal to take as controlling terminal (needs a new session). */
  readonly controllingTerminal?: number;
  /** Open directory of a cgroup v2; the child starts in it (CLONE_INTO_CGROUP, else by cgroup.procs). */
  readonly cgroupFd?: number;
  readonly nice?: number;
  readonly oomScoreAdj?: number;
  /** [resource number, soft, hard]; -1 is RLIM_INFINITY. */
  readonly limits?: readonly (readonly [resource: number, soft: number, hard: number])[];
  /** Supplementary groups, exactly these (setgroups(2)). */
  readonly groups?: readonly number[];
  readonly gid?: number;
  readonly uid?: number;
  /** Capability numbers kept in the bounding set (all others are dropped). */
  readonly capabilityBounding?: readonly number[];
  /** Capability numbers raised in the ambient (and inheritable) set, after the change of uid. */
  readonly capabilityAmbient?: readonly number[];
  readonly noNewPrivileges?: boolean;
  readonly umask?: number;
  /** chroot(2), done with our own rights before the change of uid. `files` and `workingDirectory` are seen from inside it. */
  readonly root?: string;
  /** chdir(2), done last with the child's rights. Absent: ours, or "/" with a root. */
  readonly workingDirectory?: string;
  /** Signal number sent to the child when the thread that spawned it ends (PR_SET_PDEATHSIG), which for the main thread is when we die. */
  readonly parentDeathSignal?: number;
  /**
   * Descriptor number in the child of a file that it locks as {@link Kernel.lockFile} does (stage "lock", EAGAIN: somebody else holds it), but as a process: exec keeps the
   * lock, no child gets it, and it ends with the process, or when that closes the file.
   */
  readonly lock?: number;
  /** Adds LISTEN_PID with the child's own number to `env`, as sd_listen_fds(3) asks of whoever passes sockets; to be left out of `env` then. */
  readonly listenPid?: boolean;
  /**
   * CLONE_PARENT of clone(2): the child is our parent's and not ours, which reaps it and is told of its end; a spawn that failed leaves a child
   * of exit code 127 to it. The kernel refuses it (EINVAL) to the init of a PID namespace.
   */
  readonly sibling?: boolean;
  /**
   * Before all else the child writes its PID into this file, as a 32-bit number in the machine's byte order at byte `place`: so it is known even where
   * we are killed before we know it.
   */
  readonly birth?: { readonly fd: number; readonly place: number };
}

/**
 * `errno` is negative, as in every {@link Result}. A failed child was collected already; nothing of it is left. Only of a failed sibling the pid is
 * told, for its end is yet to be told by our parent.
 */
export type SpawnResult =
  | { readonly pid: number }
  | { readonly stage: ExecStage; readonly errno: number; readonly failedPid?: number };

/** One collected child. */
export interface EndedChild {
  readonly pid: number;
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  /** Signal number, or null. */
  readonly signal: number | null;
  readonly coreDumped: boolean;
  readonly userCpuMicros: number;
  readonly systemCpuMicros: number;
  /** Never less than our own at the spawn: the kernel carries the peak of the memory that is left at exec over to the child. */
  readonly maxRssBytes: number;
}

/** Readiness of descriptors in the event loop: one epoll descriptor, one callback per turn. Holds the loop open while it watches anything. */
export interface Poller {
  /**
   * `events` is EPOLLIN | EPOLLPRI | EPOLLOUT of epoll(7) (see {@link pollEvents}). `token`, 0 to 2^32-1, comes back with the callback.
   * Level-triggered. Remove a descriptor before it is closed: copies of it in other processes would keep it watched.
   */
  add(fd: number, token: number, events: number): Result;
  modify(fd: number, token: number, events: number): Result;
  /** Inside the callback too: a pair of this turn that belongs to `fd` then has events 0. */
  remove(fd: number): Result;
  /** Ends the watch; the descriptors stay the caller's. */
  close(): void;
}

/**
 * Called once per turn with `count` pairs: ready[2*i] is the token, ready[2*i+1] the events, 0 where the descriptor was removed in this
 * same turn. The array is reused. What it throws is an uncaught exception, as from Node's own callbacks.
 */
export type ReadyCallback = (ready: Uint32Array, count: number) => void;

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** One datagram with its sender and passed descriptors (close-on-exec; the caller's to close). */
export interface Datagram {
  readonly data: Uint8Array;
  /** Checked by the kernel. Null at the end of a SOCK_SEQPACKET stream, or where the socket lacks SO_PASSCRED. pid is 0 for a process we can't see. */
  readonly sender: PeerCredentials | null;
  /** Data or descriptors were more than there was room for; the rest is lost. */
  readonly truncated: boolean;
  readonly descriptors: readonly number[];
}

export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** What a pidfd tells of a process that has ended (PIDFD_GET_INFO, Linux 6.15). */
export interface PidfdExit {
  /** Raw wait status as in wait(2), or null while it lives or is a zombie (its parent has to collect it first), or where the kernel does not tell. */
  readonly waitStatus: number | null;
}

/** Spawns that are under way. */
export interface SpawnBatch {
  /**
   * Takes part in what is left and returns when all have run exec or failed. Results stand in the order of the requests; the order of the births
   * is not told. To be called once.
   */
  finish(): readonly SpawnResult[];
}

/** A pipe for a child's stdout or stderr. */
export interface OutputPipe {
  /** Ours; non-blocking, and of a high number once {@link Kernel.reserveDescriptors} has made room there. */
  readonly read: number;
  /** The child's, open for reading and writing; to be closed by us after the spawn. */
  readonly child: number;
  /** Names the pipe in /proc/PID/fd for as long as it lives; 0 where it could not be read. */
  readonly inode: number;
}

/** `pid` is null where the lock belongs to an open file and not to a process, or to a process that we cannot see. */
export interface LockHolder {
  readonly held: boolean;
  readonly pid: number | null;
}

/** A program that takes the place of this one. */
export interface ExecuteRequest {
  /** Path of the program; PATH is not searched. */
  readonly file: string;
  /** argv, argv[0] included; bytes pass untouched. */
  readonly argv: readonly (string | Uint8Array)[];
  /** "KEY=value" entries, exactly these. */
  readonly env: readonly (string | Uint8Array)[];
  /** RLIMIT_NOFILE; -1 is RLIM_INFINITY. */
  readonly openFiles: { readonly soft: number; readonly hard: number } | null;
}

/** One descriptor of a process. */
export interface ListedDescriptor {
  readonly fd: number;
  /** Target of /proc/PID/fd/FD as UTF-8. */
  readonly target: string;
  /** /proc/PID/fdinfo/FD, one character a byte. */
  readonly info: string;
  /** What statx(2) says of it where the target is a path, without asking the server of a network file system. Null: no path, or not to be reached. */
  readonly file: {
    /** Kind and permissions, as in st_mode. */
    readonly mode: number;
    readonly sizeBytes: number;
    readonly inode: number;
    /** Of the device that a device file stands for. */
    readonly major: number;
    readonly minor: number;
  } | null;
}

export interface Kernel {
  spawn(request: SpawnRequest): SpawnResult;
  /** Does what can be done before the spawn: the call that it returns is the spawn, once. The request's bytes stay as they are until then. */
  prepareSpawn(request: SpawnRequest): () => SpawnResult;
  /** Begins several spawns in other threads, so that the caller can do something else meanwhile. Descriptors and bytes of the requests stay as they are until `finish`. */
  beginSpawns(requests: readonly SpawnRequest[]): SpawnBatch;
  /**
   * Collects every ended child except those that `exempt` (libuv's own: a stolen status never fires its exit event). Drains until empty.
   * The SIGCHLD handler is the caller's. waitid(2) shows only the first zombie, so those behind an exempt one are looked for among
   * /proc/self/task/TID/children, and `exempt` is then asked about living ones too; where /proc is missing they stay hidden: whoever answered `exempt` with true calls again on the next turn
   * of the event loop, when libuv has collected its own.
   */
  reap(exempt: (pid: number) => boolean): readonly EndedChild[];
  /** Is there any child, of any of our threads, alive or a zombie? */
  hasChildren(): boolean;
  /** PR_SET_CHILD_SUBREAPER. */
  setSubreaper(on: boolean): Result;
  /** kill(2); `signal` is a number, 0 only asks. */
  kill(pid: number, signal: number): Result;
  pidfdOpen(pid: number): Result;
  pidfdSendSignal(pidfd: number, signal: number): Result;
  pidfdExit(pidfd: number): PidfdExit;
  createPoller(callback: ReadyCallback): Poller;
  /** pipe2(2), O_CLOEXEC, the read end (and only it) O_NONBLOCK; sizes the pipe when asked. */
  pipe(sizeBytes?: number): { readonly read: number; readonly write: number } | Result;
  /**
   * Makes room for so many descriptors, in another thread: the kernel doubles the table when it is full, and each time a process with threads waits 5 to
   * 30 ms for that. Returns at once; nothing rests on its having been done.
   */
  reserveDescriptors(count: number): Result;
  /**
   * A pipe whose child's end was opened anew through /proc with O_RDWR: as the child holds its own pipe open for reading, no write of it gets SIGPIPE
   * or EPIPE while nobody else reads (pipe(7): "If all file descriptors referring to the read end of a pipe have been closed ..."); the bytes wait in the
   * kernel. Where /proc is missing the plain write end must do. Both are close-on-exec.
   */
  outputPipe(): OutputPipe | Result;
  /** read(2) into `buffer`; 0 is end of file. */
  read(fd: number, buffer: Uint8Array, offset: number, length: number): Result;
  /** FIONREAD: how many bytes a pipe or terminal holds. */
  readable(fd: number): Result;
  /** F_SETPIPE_SZ: room for at least `bytes` from now on; answers how many it has become. -EPERM above what the kernel lets a user have, -EBADF where it is no pipe. */
  widenPipe(fd: number, bytes: number): Result;
  /**
   * The kernel sends SIGKILL to a process group once the other end of this pipe's read end is closed, however that comes about (F_SETSIG, F_SETOWN and O_ASYNC of fcntl(2)), for as
   * long as somebody has the read end: the group itself, mostly. 0 as group takes it off again.
   */
  leash(fd: number, processGroup: number): Result;
  /**
   * posix_fallocate(3): 0 once the file is at least `offset + length` bytes long and has room on its disk for them, or a negative errno. Without it a store
   * into a mapped piece that the disk has no room for would be SIGBUS.
   */
  allocate(fd: number, offset: number, length: number): Result;
  /**
   * mmap(2), shared and for reading and writing; `offset` is a multiple of the page size, and the file is long enough. Unmapped when the array is
   * collected. What is stored there is in the file at once, whatever becomes of us.
   */
  mapShared(fd: number, offset: number, length: number): Uint8Array | Result;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): Result;
  close(fd: number): Result;
  /** F_DUPFD_CLOEXEC: another descriptor of the same open file. */
  duplicate(fd: number): Result;
  /** memfd_create(2), close-on-exec: an empty file that lives as long as a descriptor of it does. `name` is for people (/proc/PID/fd). */
  memoryFile(name: string): Result;
  /** open(2) with O_CLOEXEC. */
  open(path: string, flags: number, mode: number): Result;
  /** Write aside in the same directory, then rename(2): readers see the old or the new, never a part. No fsync. */
  replaceFile(path: string, data: string | Uint8Array, mode: number): Result;
  unlink(path: string): Result;
  /** flock(2) LOCK_EX | LOCK_NB: 0, or -EWOULDBLOCK when somebody holds it. Held until the descriptor and its copies are closed. */
  lock(fd: number): Result;
  /**
   * F_OFD_SETLK of fcntl(2), for the whole file, for writing: 0, or -EAGAIN when somebody holds a lock of fcntl's. Held until the descriptor and its copies are closed.
   * Locks of flock(2) and these know nothing of each other.
   */
  lockFile(fd: number): Result;
  /** Who holds a lock of fcntl(2) on the file, besides this open file of ours. F_GETLK: the kernel's word. */
  lockHolder(fd: number): LockHolder | Result;
  /**
   * Has anybody the file open for writing? 1, 0, or -EINVAL where its file system can't say, -EACCES where it is another user's. `fd` is open for reading only.
   * Asked for with a lease that is held for no longer than the call.
   */
  hasWriter(fd: number): Result;
  /** inotify_init1(2), non-blocking, close-on-exec: readable when something has changed; read(2) gives the events of {@link readNotifications}. */
  notifications(): Result;
  /** inotify_add_watch(2), with the bits of {@link notifyEvents}: the number of the watch. One inode has one watch: of a second one the events replace those of the first. */
  watchPath(fd: number, path: string, events: number): Result;
  /** inotify_rm_watch(2). */
  unwatchPath(fd: number, watch: number): Result;
  /** dup2(2): `target` becomes another number of the same open file, close-on-exec unless it is 0 to 2; what it was is closed. */
  replaceDescriptor(fd: number, target: number): Result;
  /** Bound SOCK_DGRAM Unix socket with SO_PASSCRED, non-blocking, close-on-exec. */
  datagramSocket(path: string, mode: number): Result;
  /** socketpair(2): two connected SOCK_SEQPACKET sockets, close-on-exec, blocking. */
  socketPair(): readonly [number, number] | Result;
  /** A Unix stream socket that listens: non-blocking, close-on-exec; "@" as in `sendTo`. -EADDRINUSE where the name is there, be it left by a dead process. */
  listenUnix(path: string, mode: number, backlog: number): Result;
  /** The same for a numeric address of IPv4 or IPv6 (which then takes no IPv4), with SO_REUSEADDR; port 0 is one that the kernel chooses. */
  listenTcp(address: string, port: number, backlog: number): Result;
  /** Of a socket that listens already: listen(2) once more. */
  setBacklog(fd: number, backlog: number): Result;
  /** The next client of a listening socket: a descriptor that is close-on-exec and never waits. EAGAIN: nobody is there. */
  accept(fd: number): Result;
  receive(fd: number, maxBytes: number): Datagram | Result;
  /** Sends one message over a connected socket, with copies of `descriptors`; bytes sent. Never waits, never raises SIGPIPE. */
  send(fd: number, data: Uint8Array, descriptors: readonly number[]): Result;
  /** Sends one datagram to a Unix socket; a leading "@" names an abstract one, as in NOTIFY_SOCKET. */
  sendTo(path: string, data: Uint8Array, descriptors: readonly number[]): Result;
  /**
   * A socket connected to a Unix socket, non-blocking, close-on-exec; "@" as in `sendTo`. -EPROTOTYPE where that socket is of the other type, -ECONNREFUSED
   * where nobody listens, -EAGAIN where a stream's backlog is full.
   */
  connectSocket(path: string, type: "datagram" | "stream"): Result;
  /** SO_PEERCRED. */
  peerCredentials(fd: number): PeerCredentials | Result;
  /** posix_openpt(3) and friends: both ends, close-on-exec. */
  openPty(
    columns: number,
    rows: number,
  ): { readonly controller: number; readonly terminal: number } | Result;
  /** TIOCSWINSZ on either end; the foreground process group gets SIGWINCH. */
  resizePty(fd: number, columns: number, rows: number): Result;
  /** cfmakeraw(3): bytes pass both ways as they are, and no key makes a signal. Returns the settings that it had, for `restoreTerminal`. */
  rawTerminal(fd: number): Uint8Array | Result;
  /** tcsetattr(3). */
  restoreTerminal(fd: number, settings: Uint8Array): Result;
  setNonBlocking(fd: number, on: boolean): Result;
  setCloseOnExec(fd: number, on: boolean): Result;
  /** getpwnam_r(3) / getpwuid_r(3). Null: no such user. Throws a {@link SystemCallError} where the database can't be read. */
  lookupUser(nameOrId: string | number): UserEntry | null;
  lookupGroup(nameOrId: string | number): { readonly name: string; readonly gid: number } | null;
  /** getgrouplist(3): all groups of a user. */
  groupsOf(user: string, gid: number): readonly number[];
  /** getrlimit(2) of this process; -1 is RLIM_INFINITY. */
  getLimit(resource: number): { readonly soft: number; readonly hard: number };
  /** prlimit(2) of another process. */
  setLimitOf(pid: number, resource: number, soft: number, hard: number): Result;
  setLimit(resource: number, soft: number, hard: number): Result;
  /** Opens, reads up to the length of `buffer`, closes: bytes read. Made for /proc, where a file of unknown size is read in one go. */
  readFile(path: string, buffer: Uint8Array): Result;
  /** readlink(2): bytes of the target, cut where `buffer` ends. */
  readLink(path: string, buffer: Uint8Array): Result;
  /**
   * Every descriptor of a process, in order of their numbers, with what proc tells of it. `path` is "/proc/PID". One that is closed meanwhile is left out;
   * one that may not be looked at (-EACCES) ends it.
   */
  descriptorList(path: string): readonly ListedDescriptor[] | Result;
  /** getxattr(2): bytes of an extended attribute; -ERANGE where `buffer` is too small. The last link of `path` is followed. */
  fileAttribute(path: string, name: string, buffer: Uint8Array): Result;
  /** socket(2) of AF_NETLINK, close-on-exec: `write` sends to the kernel, `read` takes one message. `protocol` is a number of netlink(7). */
  netlinkSocket(protocol: number): Result;
  /** CLOCK_MONOTONIC in milliseconds, with microseconds as fraction. */
  monotonicMs(): number;
  /** CLOCK_REALTIME in microseconds since 1970. */
  realtimeMicros(): number;
  /** PR_SET_NAME of the calling thread: what ps and top show; the kernel keeps 15 bytes. */
  setProcessName(name: string): Result;
  /** Collects garbage at once and gives the memory that a burst has left back to the kernel. Takes 10 to 50 ms. */
  trimMemory(): void;
  /**
   * execve(2): another program in place of this one, with the same PID. It comes back with a negative errno where that fails, and otherwise never. The program gets
   * descriptors 0 to 2 and no others, no signal blocked or ignored, and `openFiles` as its limit (null: ours, which Node has raised).
   */
  execute(request: ExecuteRequest): Result;
  /**
   * _exit(2): the end of this process without the tidying up that Node does for 2 to 5 ms, and that the kernel does anyway. Listeners of "exit" are not called; what was not written yet is lost. Comes
   * back only where `code` is none (-EINVAL).
   */
  exitAtOnce(code: number): Result;
}
