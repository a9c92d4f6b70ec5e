import { createKernel, errnoNumber, errnoText, pollEvents } from "@supervise/sys";
import type { Kernel, Result } from "@supervise/sys";
import { formatNotify } from "./notify-state.js";
import type { NotifyState } from "./notify-state.js";

/** What became of a notification. None of it is a reason for a daemon to stop: it runs the same with nobody to tell. */
export type NotifyOutcome =
  | { readonly kind: "sent" }
  /** NOTIFY_SOCKET is not set: nobody wants to know. */
  | { readonly kind: "unasked" }
  /** `errno` is negative; EINVAL: the state can't be told, EAFNOSUPPORT: the address is of a kind that is not known here (vsock). */
  | { readonly kind: "failed"; readonly errno: Result; readonly message: string };

export interface NotifyOptions {
  /** Where NOTIFY_SOCKET is read; `process.env` unless told. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Removes NOTIFY_SOCKET afterwards, so that no child can speak for us; every later notification is then unasked. */
  readonly unsetEnvironment?: boolean;
  /** How long a manager that does not read is waited for, in milliseconds; the process stands still meanwhile, as in sd_notify(3), but not for ever. 1000 unless told. */
  readonly patienceMs?: number;
  readonly kernel?: NotifyKernel;
}

export type NotifyKernel = Pick<
  Kernel,
  "sendTo" | "monotonicMs" | "pipe" | "close" | "createPoller"
>;

const pauseMs = 5;
const noRoom = errnoNumber("EAGAIN");
const invalid = errnoNumber("EINVAL") as Result;
const unknownAddress = errnoNumber("EAFNOSUPPORT") as Result;
const tooLate = errnoNumber("ETIMEDOUT") as Result;

/**
 * Tells the manager our state: sd_notify(3), over the socket that NOTIFY_SOCKET names, by its path or ("@") in the abstract namespace. Descriptors to be stored are copied; ours stay ours.
 */
export function notify(state: NotifyState, options: NotifyOptions = {}): NotifyOutcome {
  if (isUnasked(options)) return { kind: "unasked" };
  const kernel = options.kernel ?? createKernel();
  const text = formatNotify(state, kernel.monotonicMs() * 1000);
  const { fdStore } = state;
  const descriptors = fdStore && "descriptors" in fdStore ? fdStore.descriptors : [];
  return send(kernel, text, descriptors, options);
}

/** The commonest notification: READY=1, with a line for people where there is one. */
export function notifyReady(status?: string, options: NotifyOptions = {}): NotifyOutcome {
  return notify({ ready: true, ...(status === undefined ? {} : { status }) }, options);
}

/**
 * Settles once the manager has dealt with all that was told before: sd_notify_barrier(3), which passes a pipe and waits until the manager has closed it. ETIMEDOUT where it did not within `timeoutMs`. Never rejects. To be
 * awaited before a process ends that told something as a helper of the daemon: a manager can't find out any more who a dead sender was.
 */
export async function notifyBarrier(
  timeoutMs = 5000,
  options: NotifyOptions = {},
): Promise<NotifyOutcome> {
  if (isUnasked(options)) return { kind: "unasked" };
  const kernel = options.kernel ?? createKernel();
  const pipe = kernel.pipe();
  if (typeof pipe === "number") return failed(pipe);
  const outcome = send(kernel, "BARRIER=1", [pipe.write], options);
  kernel.close(pipe.write);
  const closed = outcome.kind === "sent" && (await isClosed(kernel, pipe.read, timeoutMs));
  kernel.close(pipe.read);
  return outcome.kind === "sent" && !closed ? failed(tooLate) : outcome;
}

/** The commonest case, so it is asked first. */
function isUnasked({ environment = process.env }: NotifyOptions): boolean {
  return !environment["NOTIFY_SOCKET"];
}

function send(
  kernel: NotifyKernel,
  text: string | null,
  descriptors: readonly number[],
  options: NotifyOptions,
): NotifyOutcome {
  const environment = options.environment ?? process.env;
  const address = environment["NOTIFY_SOCKET"] ?? "";
  if (options.unsetEnvironment === true) delete environment["NOTIFY_SOCKET"];
  if (text === null) return failed(invalid);
  if (!/^[/@]./.test(address)) return failed(unknownAddress);
  const bytes = Buffer.from(text);
  const endMs = kernel.monotonicMs() + (options.patienceMs ?? 1000);
  for (;;) {
    const result = kernel.sendTo(address, bytes, descriptors);
    if (result >= 0) return { kind: "sent" };
    if (result !== noRoom || kernel.monotonicMs() >= endMs) return failed(result);
    // A socket of our own can't be watched for room: it is unconnected, so that nobody else's name is needed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
}

function failed(errno: Result): NotifyOutcome {
  return { kind: "failed", errno, message: `cannot notify the manager: ${errnoText(errno)}` };
}

function isClosed(kernel: NotifyKernel, fd: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (closed: boolean): void => {
      clearTimeout(timer);
      poller.remove(fd);
      poller.close();
      resolve(closed);
    };
    const poller = kernel.createPoller(() => settle(true));
    const timer = setTimeout(() => settle(false), timeoutMs);
    if (poller.add(fd, 0, pollEvents.input) < 0) settle(false);
  });
}
