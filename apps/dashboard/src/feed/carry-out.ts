import type { ControlClient } from "@supervise/control";
import type { Message } from "../model/message.js";
import type { Effect } from "../model/model.js";
import { applyEdit } from "./propose.js";
import { reloadText } from "./reload-text.js";

type Asked = Extract<Effect, { type: "act" | "reloadConfiguration" | "scale" | "apply" }>;

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
    if (effect.type === "scale") {
      send({ type: "told", ...reloadText(await client.scale(effect.counts)), id });
      return;
    }
    if (effect.type === "apply") {
      send({ type: "told", ...(await applyEdit(client, effect.edit)), id });
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
