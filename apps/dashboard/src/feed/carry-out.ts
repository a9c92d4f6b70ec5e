import type { ControlClient } from "@supervise/control";
import type { Message } from "../model/message.js";
import type { Effect } from "../model/model.js";

type Asked = Extract<Effect, { type: "act" | "reloadConfiguration" }>;

/** Has the supervisor do something and tells how it goes on; what goes wrong is told too, and nothing is thrown. */
export async function carryOut(
  client: ControlClient,
  effect: Asked,
  id: number,
  send: (message: Message) => void,
): Promise<void> {
  try {
    if (effect.type === "reloadConfiguration") {
      send({ type: "told", ...reloadText(await client.reload()), id });
      return;
    }
    const { action, names, signal } = effect;
    const request = { action, names, wait: true, ...(signal === null ? {} : { signal }) };
    for await (const message of client.act(request)) send({ type: "acting", id, message });
    send({ type: "acting", id, message: { type: "end", ok: true } });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    send({ type: "told", text, good: false, id });
  }
}

function reloadText({
  applied,
  generation,
  changes,
  diagnostics,
}: Awaited<ReturnType<ControlClient["reload"]>>): {
  readonly text: string;
  readonly good: boolean;
} {
  if (!applied) {
    const first = diagnostics.find(({ severity }) => severity === "error");
    const where = first === undefined ? "" : `: ${first.file}:${first.line}: ${first.message}`;
    return { text: `nothing was changed: the configuration has mistakes${where}`, good: false };
  }
  const changed = changes.filter(({ kind }) => kind !== "same");
  const names = changed.map(({ name, kind }) => `${name} (${kind})`).join(", ");
  return {
    text: `generation ${generation}: ${names === "" ? "nothing changed" : names}`,
    good: true,
  };
}
