import type { Effect, Model, Step } from "./model.js";
import { SIGNALS } from "./signal-list.js";
import { targetNames } from "./selection.js";

type Action = "start" | "stop" | "restart" | "reload" | "signal";

/** Asks the supervisor, or first the person where something is lost by it. */
export function act(model: Model, action: Action, signal: string | null = null): Step {
  const names = targetNames(model);
  if (names.length === 0) return say(model, "there is no service to act on");
  return actOn(model, action, names, signal);
}

/** The same for services that were chosen before. */
export function actOn(
  model: Model,
  action: Action,
  chosen: readonly string[],
  signal: string | null,
): Step {
  if (model.link.kind !== "connected") return say(model, "the supervisor is away");
  const names = stillThere(model, chosen);
  if (names.length === 0) return say(model, goneText(chosen));
  const whom = whomText(names);
  const what = action === "signal" ? `${signal ?? ""} to ${whom}` : `${action} ${whom}`;
  const effects: readonly Effect[] = [{ type: "act", action, names, signal, what }];
  if (!destroys(action, signal)) return [{ ...model, notice: null }, effects];
  const question = action === "signal" ? `send ${what}?` : `${what}?`;
  return [{ ...model, overlay: { kind: "confirm", question, effects } }, []];
}

/** After a "yes" to a question: services that went while it stood there are left out, for the supervisor does nothing at all if it does not know one. */
export function confirmed(model: Model, effects: readonly Effect[]): Step {
  const left: Effect[] = [];
  for (const effect of effects) {
    if (effect.type !== "act") {
      left.push(effect);
      continue;
    }
    const names = stillThere(model, effect.names);
    if (names.length === 0) return say(model, goneText(effect.names));
    left.push({ ...effect, names });
  }
  return [model, left];
}

function stillThere(model: Model, names: readonly string[]): readonly string[] {
  return names.filter((name) => model.services.has(name));
}

function goneText(names: readonly string[]): string {
  return `${whomText(names)} ${names.length === 1 ? "is" : "are"} no longer there`;
}

export function say(model: Model, text: string): Step {
  return [{ ...model, notice: { text, tone: "bad" } }, []];
}

function destroys(action: Action, signal: string | null): boolean {
  if (action === "signal") return SIGNALS.find(({ name }) => name === signal)?.destroys ?? true;
  return action === "stop" || action === "restart";
}

function whomText(names: readonly string[]): string {
  const [first = "", ...others] = names;
  return others.length === 0 ? `"${first}"` : `${names.length} services`;
}
