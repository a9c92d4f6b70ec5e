import { BINDINGS } from "../model/bindings.js";
import { padEnd } from "../text/width.js";
import type { Line } from "./lines.js";
import { PLACES, WHERES } from "./places.js";

/** Every key. */
export function helpLines(): readonly Line[] {
  return WHERES.flatMap((where): readonly Line[] => [
    [{ text: PLACES[where], style: "heading" }],
    ...BINDINGS.filter((one) => one.where === where).map(({ keys, help }): Line => [
      { text: padEnd(`  ${keys.join(" ")}`, 18), style: "key" },
      { text: help, style: "plain" },
    ]),
  ]);
}
