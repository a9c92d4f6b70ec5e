import type { Model, Step } from "./model.js";
import { say } from "./actions.js";
import { targetNames } from "./selection.js";

/** Asks how many replicas, of the service of the selected row or of those of all marked rows. */
export function beginScale(model: Model): Step {
  if (model.link.kind !== "connected") return say(model, "the supervisor is away");
  const names = servicesOf(model, targetNames(model));
  const [only] = names;
  const text = names.length === 1 && only !== undefined ? String(replicasOf(model, only)) : "";
  return [
    { ...model, overlay: { kind: "prompt", prompt: "scale", text, before: text, names } },
    [],
  ];
}

/** What was typed: a number for the services that were chosen, or NAME=N for one that has no row, as it has no replica. */
export function scale(model: Model, names: readonly string[], text: string): Step {
  const [, named, number = ""] = /^(?:([^=\s]+)=)?([0-9]{1,5})$/.exec(text.trim()) ?? [];
  if (number === "" || Number(number) > MOST)
    return say(model, `a number from 0 to ${MOST}, or NAME=N, is needed`);
  const chosen = named === undefined ? names : [named];
  if (chosen.length === 0) return say(model, "there is no service to scale");
  const count = Number(number);
  const counts = Object.fromEntries(chosen.map((name) => [name, count]));
  const whom = chosen.length === 1 ? `"${chosen[0] ?? ""}"` : `${chosen.length} services`;
  const what = `scale ${whom} to ${count}`;
  const effects = [{ type: "scale", counts, what }] as const;
  // One replica has another name than the first of several, so it is stopped too.
  const stops = chosen.some((name) => {
    const now = replicasOf(model, name);
    return count < now || (now === 1 && count !== 1);
  });
  if (!stops) return [{ ...model, notice: null }, effects];
  const question = `${what}? ${count === 0 ? "All of them stop." : "Replicas are stopped for it."}`;
  return [{ ...model, overlay: { kind: "confirm", question, effects } }, []];
}

const MOST = 10_000;

/** The configured names behind names of replicas, each once. */
function servicesOf(model: Model, names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => model.services.get(name)?.service ?? []))];
}

function replicasOf(model: Model, service: string): number {
  return [...model.services.values()].filter((one) => one.service === service).length;
}
