import { ControlError, type ControlClient } from "@supervise/control";
import type { ActionMessage, ActionRequest } from "@supervise/model";
import type { VerbIo } from "../verb.js";

/** A keeper gives up at the sixth death within a minute; nobody is asked more often than that. */
const MOST_LOSSES = 6;

/** Did the supervisor die before its answer? */
export function isLoss(error: unknown): error is ControlError {
  return error instanceof ControlError && error.code === "connection-lost";
}

/** The deaths of the supervisors that one request has met. */
export interface Losses {
  /**
   * Returns where the request is worth another try: its supervisor died before the answer, and a keeper holds the control socket open, so that the next
   * request waits there for the next supervisor. Throws `error` otherwise, or where nobody listens any more the loss before it.
   */
  bear(error: unknown): void;
}

/** One for each request. stderr tells of the first loss. */
export function countLosses({ err }: Pick<VerbIo, "err">): Losses {
  let last: ControlError | null = null;
  let count = 0;
  return {
    bear: (error) => {
      if (error instanceof ControlError && error.code === "not-running") throw last ?? error;
      if (!isLoss(error) || ++count > MOST_LOSSES) throw error;
      if (last === null) err("supervise: the supervisor went away; the next one is asked\n");
      last = error;
    },
  };
}

/** What `ask` gives, asked again where the supervisor dies before its answer. */
export async function askedAgain<T>(io: Pick<VerbIo, "err">, ask: () => Promise<T>): Promise<T> {
  const losses = countLosses(io);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      losses.bear(error);
    }
  }
}

/**
 * What comes of an action, each service once, whichever supervisor tells it: `open` is called again, with `true`, where one dies before the end. What the dead
 * one had begun goes on, as its records say, and to ask again for what is done changes nothing.
 */
export async function* actedAgain(
  io: Pick<VerbIo, "err">,
  signal: AbortSignal,
  open: (again: boolean) => AsyncIterable<ActionMessage>,
): AsyncGenerator<ActionMessage> {
  const settled = new Set<string>();
  const losses = countLosses(io);
  for (let again = false; ; again = true) {
    try {
      for await (const message of open(again)) {
        if (message.type === "outcome") {
          if (settled.has(message.outcome.name)) continue;
          settled.add(message.outcome.name);
        }
        yield message;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      losses.bear(error);
    }
  }
}

/** Carries an action out over the end of supervisors. A signal is not sent twice: its loss is thrown. */
export function act(
  io: Pick<VerbIo, "err">,
  client: ControlClient,
  request: ActionRequest,
  signal: AbortSignal,
): AsyncIterable<ActionMessage> {
  if (request.action === "signal") return client.act(request, signal);
  const askedMs = Date.now();
  return actedAgain(io, signal, async function* open(again) {
    if (!again) yield* client.act(request, signal);
    else if (request.action === "restart") yield* restartRest(client, request, askedMs, signal);
    else for await (const message of client.act(request, signal)) yield asOurs(request, message);
  });
}

/** What is down by now was stopped for this request. */
function asOurs({ action }: ActionRequest, message: ActionMessage): ActionMessage {
  if (action !== "stop" || message.type !== "outcome" || !message.outcome.unchanged) return message;
  return { ...message, outcome: { ...message.outcome, message: "stopped", unchanged: false } };
}

/** A restart that has come as far as its new run is only waited for: another would end that run. */
async function* restartRest(
  client: ControlClient,
  request: ActionRequest,
  askedMs: number,
  signal: AbortSignal,
): AsyncGenerator<ActionMessage> {
  const services = await client.services(request.names, signal);
  const begun = new Map<string, number>();
  for (const { name, pid, startedAt } of services)
    if (pid !== null && startedAt !== null && Date.parse(startedAt) >= askedMs)
      begun.set(name, pid);
  const others = services.map(({ name }) => name).filter((name) => !begun.has(name));
  // No name would mean every service.
  if (others.length > 0) yield* client.act({ ...request, names: others }, signal);
  if (begun.size === 0) return;
  const start = { ...request, action: "start", names: [...begun.keys()] } as const;
  for await (const message of client.act(start, signal)) {
    if (message.type === "outcome" && message.outcome.unchanged) {
      const { name } = message.outcome;
      const text = `up, pid ${begun.get(name)}`;
      yield { ...message, outcome: { name, ok: true, message: text, unchanged: false } };
    } else yield message;
  }
}
