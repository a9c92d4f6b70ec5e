import { createKernel } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";

/** SD_LISTEN_FDS_START of sd_listen_fds(3): the first descriptor that can be passed. */
const firstDescriptor = 3;
/** More than any limit of open files that Linux allows by default (fs.nr_open), so that a number is not believed for its size. */
const mostDescriptors = 1_048_576;

/** A descriptor that was passed to this process at its start. It is close-on-exec now, and the caller's to use and to close. */
export interface ListenFd {
  readonly fd: number;
  /** FileDescriptorName= of systemd.socket(5); "unknown" where the manager told none. */
  readonly name: string;
}

/** What the readers of the environment rest on; each part has its own default. */
export interface ListenFdsOptions {
  /** Where the variables are read, and removed from; `process.env` unless told. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Who must be meant by LISTEN_PID; our own PID unless told. */
  readonly pid?: number;
  readonly kernel?: Pick<Kernel, "setCloseOnExec">;
  /** The variables stay, so that a program that is started later might take the descriptors for its own. */
  readonly keepEnvironment?: boolean;
}

/** The names of {@link listenFdsWithNames} left out: `server.listen({ fd: listenFds()[0] })`. */
export function listenFds(options: ListenFdsOptions = {}): readonly number[] {
  return listenFdsWithNames(options).map(({ fd }) => fd);
}

/**
 * The sockets (or pipes, or files) that a manager opened for us: sd_listen_fds_with_names(3). Empty where there are none, where they are meant for another
 * process (LISTEN_PID), or where a variable is no number. Each is made close-on-exec; a number that is not open ends the list there, for what follows it is not
 * ours either. LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PIDFDID are removed, so that no child believes them and a second call finds nothing.
 */
export function listenFdsWithNames(options: ListenFdsOptions = {}): readonly ListenFd[] {
  const environment = options.environment ?? process.env;
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  if (options.keepEnvironment !== true)
    for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"])
      delete environment[name];
  const count = wholeNumber(LISTEN_FDS);
  if (count === null || count > mostDescriptors) return [];
  if (wholeNumber(LISTEN_PID) !== (options.pid ?? process.pid)) return [];
  const kernel = options.kernel ?? createKernel();
  const names = LISTEN_FDNAMES === undefined ? [] : LISTEN_FDNAMES.split(":");
  const found: ListenFd[] = [];
  for (let index = 0; index < count; index += 1) {
    const fd = firstDescriptor + index;
    if (kernel.setCloseOnExec(fd, true) < 0) break;
    found.push({ fd, name: names[index] || "unknown" });
  }
  return found;
}

/** Digits and nothing else, as the kernel and systemd write them. */
function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}
