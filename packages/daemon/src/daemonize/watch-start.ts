import { pollEvents } from "@supervise/sys";
import type { EndedChild, Kernel } from "@supervise/sys";
import type { ReadyChannel } from "./readiness.js";

/** How a start came to its end. */
export type StartEnd =
  | { readonly kind: "ready" }
  | { readonly kind: "ended"; readonly child: EndedChild }
  /** Its readiness descriptor was closed without a newline, while it goes on. */
  | { readonly kind: "closed" }
  | { readonly kind: "timeout" }
  /** We were told to end. */
  | { readonly kind: "interrupted"; readonly signal: "SIGINT" | "SIGTERM" };

export interface StartWatch {
  /** To be called once, for a child of ours. */
  until(pid: number, timeoutMs: number): Promise<StartEnd>;
  close(): void;
}

/** An exit closes descriptors a moment before it can be seen; so long it is waited for, in milliseconds. */
const EXIT_MS = 500;

/**
 * Listens from before the spawn, so that no end is missed. SIGHUP, which a closing terminal sends us, ends neither us nor the daemon, which is in a
 * session of its own; SIGINT and SIGTERM end the start.
 */
export function watchStart(
  kernel: Pick<Kernel, "createPoller" | "reap">,
  channel: ReadyChannel,
): StartWatch {
  let onEvent: (event: "child" | "channel" | "SIGINT" | "SIGTERM") => void = () => undefined;
  const listeners = {
    SIGCHLD: () => onEvent("child"),
    SIGINT: () => onEvent("SIGINT"),
    SIGTERM: () => onEvent("SIGTERM"),
    SIGHUP: () => undefined,
  };
  for (const [name, listener] of Object.entries(listeners)) process.on(name, listener);
  const poller = channel.fd === null ? null : kernel.createPoller(() => onEvent("channel"));
  if (channel.fd !== null) poller?.add(channel.fd, 0, pollEvents.input);
  let timer: NodeJS.Timeout | undefined;

  return {
    until: (pid, timeoutMs) =>
      new Promise((resolve) => {
        let closed = false;
        const end = (result: StartEnd): void => {
          onEvent = () => undefined;
          clearTimeout(timer);
          resolve(result);
        };
        const wait = (ms: number, result: StartEnd): void => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            // We may have slept for all of that time: what came meanwhile is older than its end.
            look();
            end(result);
          }, ms);
        };
        const look = (): void => {
          const [child] = kernel.reap((other) => other !== pid);
          if (child !== undefined) return end({ kind: "ended", child });
          if (closed) return;
          const heard = channel.hear(pid);
          if (heard.kind === "ready") return end({ kind: "ready" });
          if (heard.kind === "nothing") return;
          closed = true;
          if (channel.fd !== null) poller?.remove(channel.fd);
          wait(EXIT_MS, { kind: "closed" });
        };
        if (channel.fd === null) wait(channel.settleMs, { kind: "ready" });
        else wait(timeoutMs, { kind: "timeout" });
        onEvent = (event) => {
          if (event === "SIGINT" || event === "SIGTERM")
            end({ kind: "interrupted", signal: event });
          else look();
        };
        if (channel.fd === null && channel.settleMs === 0) end({ kind: "ready" });
        else look();
      }),
    close() {
      clearTimeout(timer);
      poller?.close();
      for (const [name, listener] of Object.entries(listeners)) process.off(name, listener);
    },
  };
}
