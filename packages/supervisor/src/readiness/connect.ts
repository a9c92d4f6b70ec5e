import type { NetConnectOpts } from "node:net";
import { PROBE_LIMIT_MS, type ProbeResult } from "./probe.js";

/** Connects and closes at once. Not connected: the errno, or that nothing answered in time. */
export function tryConnect(target: NetConnectOpts, signal: AbortSignal): Promise<ProbeResult> {
  // Loaded here: it brings streams along, and a start without such a check need not wait for them.
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = connect(target);
    const settle = (result: ProbeResult): void => {
      clearTimeout(limit);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(result);
    };
    const onAbort = (): void => settle({ ok: false, detail: "given up" });
    const limit = setTimeout(
      () => settle({ ok: false, detail: `no answer within ${PROBE_LIMIT_MS / 1_000} s` }),
      PROBE_LIMIT_MS,
    );
    signal.addEventListener("abort", onAbort);
    socket.once("connect", () => settle({ ok: true }));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      settle({ ok: false, detail: connectProblem(error) }),
    );
  });
}

function connectProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return "nothing is listening (ECONNREFUSED)";
    case "ENOENT":
      return "no such socket (ENOENT)";
    case "EACCES":
      return "not allowed (EACCES)";
    default:
      return error.code ?? error.message;
  }
}
