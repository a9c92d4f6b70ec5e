import {
  isStuck,
  type ActionMessage,
  type ActionOutcome,
  type ActionRequest,
  type Cause,
  type ServiceSnapshot,
  type StateKind,
} from "@supervise/model";

/** What an action needs of the supervisor. */
export interface ActingPort {
  /** Dispatches the requests for all names at once, so that the engine sees them before anything settles. */
  request(action: "start" | "stop" | "restart", names: readonly string[], cause: Cause): void;
  snapshot(name: string): ServiceSnapshot | undefined;
  /** One line: why it is in its state. */
  reason(name: string): string;
  /** Calls back after each change of a service; returns the undo. */
  onChange(listener: (name: string) => void): () => void;
}

type Verdict = Omit<ActionOutcome, "name">;

/** Is the action over for this service? Null: not yet. */
type Judge = (before: ServiceSnapshot, now: ServiceSnapshot) => Verdict | null;

const SETTLED_DOWN: ReadonlySet<StateKind> = new Set(["down", "failed", "done"]);

/** Dispatches a start, stop or restart and yields what comes of it, service by service, until each has settled. */
export async function* actAndWatch(
  port: ActingPort,
  request: ActionRequest & { readonly action: "start" | "stop" | "restart" },
  names: readonly string[],
  cause: Cause,
  signal: AbortSignal,
): AsyncGenerator<ActionMessage> {
  const before = new Map<string, ServiceSnapshot>();
  for (const name of names) {
    const snapshot = port.snapshot(name);
    if (snapshot !== undefined) before.set(name, snapshot);
  }
  const messages: ActionMessage[] = [];
  const open = new Set(before.keys());
  let wake: (() => void) | null = null;
  let ok = true;
  const judge = judges(port)[request.action];

  const look = (name: string): void => {
    const first = before.get(name);
    if (first === undefined || !open.has(name)) return;
    const now = port.snapshot(name);
    const verdict =
      now === undefined ? { ok: true, message: "gone", unchanged: false } : judge(first, now);
    if (verdict === null) {
      if (now !== undefined)
        messages.push({
          type: "progress",
          name,
          state: now.state.kind,
          message: port.reason(name),
        });
    } else {
      open.delete(name);
      ok &&= verdict.ok;
      messages.push({ type: "outcome", outcome: { name, ...verdict } });
    }
    wake?.();
  };

  const unlisten = port.onChange(look);
  const poke = (): void => wake?.();
  signal.addEventListener("abort", poke);
  try {
    port.request(request.action, [...open], cause);
    for (const name of [...open]) look(name);
    while (!signal.aborted) {
      const message = messages.shift();
      if (message !== undefined) yield message;
      else if (open.size === 0) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      }
    }
    yield { type: "end", ok };
  } finally {
    unlisten();
    signal.removeEventListener("abort", poke);
  }
}

function judges(port: ActingPort): Record<"start" | "stop" | "restart", Judge> {
  const started = (
    before: ServiceSnapshot,
    now: ServiceSnapshot,
    freshRun: boolean,
  ): Verdict | null => {
    const state = now.state;
    if (freshRun && now.run === before.run && state.kind !== "failed" && state.kind !== "down")
      return null;
    switch (state.kind) {
      case "up":
        return {
          ok: true,
          message: before.run === now.run ? "already up" : `up, pid ${state.pid}`,
          unchanged: before.run === now.run,
        };
      case "done":
        return {
          ok: true,
          message: before.run === now.run ? "already done" : "done",
          unchanged: before.run === now.run,
        };
      case "failed":
        return { ok: false, message: port.reason(now.name), unchanged: false };
      case "down":
        return {
          ok: false,
          message: `stopped meanwhile: ${port.reason(now.name)}`,
          unchanged: false,
        };
      case "backoff":
        // The first run after the request has failed; the policy tries again, but the request was not met.
        return now.run > before.run
          ? { ok: false, message: port.reason(now.name), unchanged: false }
          : null;
      case "waiting":
      case "starting":
        return null;
      case "stopping":
        return stuck(now);
    }
  };
  /** Survivors that no signal reaches are named, and nobody is kept waiting for them. */
  const stuck = (now: ServiceSnapshot): Verdict | null =>
    isStuck(now.state)
      ? { ok: false, message: `not stopped: ${port.reason(now.name)}`, unchanged: false }
      : null;
  return {
    start: (before, now) => started(before, now, false),
    restart: (before, now) => started(before, now, true),
    stop: (before, now) => {
      if (!SETTLED_DOWN.has(now.state.kind)) {
        return now.wanted === "up"
          ? { ok: false, message: "started again meanwhile", unchanged: false }
          : stuck(now);
      }
      const was = SETTLED_DOWN.has(before.state.kind);
      return { ok: true, message: was ? "was not running" : "stopped", unchanged: was };
    },
  };
}
