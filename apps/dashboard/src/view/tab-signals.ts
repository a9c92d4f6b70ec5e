import type { Model } from "../model/model.js";
import { factLines } from "./fact-text.js";
import { field } from "./lines.js";

/** What the selected process does with each signal. */
export function signalLines(model: Model, width: number): ReturnType<typeof factLines> {
  return factLines(
    model,
    (look) => look.signals,
    ({ pendingThread, pendingProcess, blocked, ignored, caught, queued, queueLimit }) => {
      const set = (label: string, names: readonly string[]): ReturnType<typeof field> =>
        field(
          label,
          names.length === 0 ? "none" : names.join(" "),
          width,
          names.length === 0 ? "dim" : "plain",
        );
      return [
        ...set("caught", caught),
        ...set("ignored", ignored),
        ...set("blocked", blocked),
        ...set("pending", [...new Set([...pendingProcess, ...pendingThread])]),
        ...field("queued", `${queued ?? "?"} of ${queueLimit ?? "?"} for its user`, width, "dim"),
      ];
    },
  );
}
