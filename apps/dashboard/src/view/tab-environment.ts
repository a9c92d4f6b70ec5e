import { originOf } from "../model/environment.js";
import type { Origin } from "../model/environment.js";
import type { Model } from "../model/model.js";
import { visible } from "../text/visible.js";
import { clip, padEnd, widthOf } from "../text/width.js";
import { factLines } from "./fact-text.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";
import { isSecret, splitEntry } from "../model/environment.js";

const ORIGINS: Readonly<Record<Origin, string>> = {
  configuration: "configuration",
  supervise: "set by supervise",
  inherited: "inherited",
  itself: "by the program",
};

const LONGEST_ORIGIN = 32;

/** What the selected process was started with: each variable, where it came from, and its value unless that looks like a secret. */
export function environmentLines(model: Model, width: number): readonly Line[] {
  return factLines(
    model,
    (look) => look.environment,
    (entries) => {
      const found = entries
        .map(splitEntry)
        .toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
      const hidden = found.filter(({ name, value }) => isSecret(name, value)).length;
      const how = model.revealSecrets ? "shown; v hides them" : "hidden; v in this pane shows them";
      const { configured } = model.detail;
      const originText = (name: string, value: string): string => {
        const origin = originOf(configured, name, value);
        if (origin === null) return "";
        const place = origin === "configuration" ? configured?.places?.get(name) : undefined;
        return visible(place ?? ORIGINS[origin]);
      };
      const texts = found.map(({ name, value }) => originText(name, value));
      const widest = Math.min(LONGEST_ORIGIN, Math.max(0, ...texts.map(widthOf)));
      return [
        line(`${found.length} variables, ${hidden} that look like secrets are ${how}`, "dim"),
        ...found.map(({ name, value }, index): Line => {
          const secret = isSecret(name, value) && !model.revealSecrets;
          return [
            {
              text: `${padEnd(clip(texts[index] ?? "", widest, model.glyphs.ellipsis), widest)} `,
              style: "dim",
            },
            { text: visible(name), style: "strong" },
            { text: "=", style: "dim" },
            {
              text: secret ? "(hidden)" : visible(value).slice(0, width * 4),
              style: secret ? "warning" : "plain",
            },
          ];
        }),
      ];
    },
  );
}
