import { BINDINGS } from "./bindings.js";
import type { Binding } from "./bindings.js";

/** The commands whose words hold every typed word, those that begin with the text first. */
export function paletteEntries(text: string): readonly Binding[] {
  const words = text.toLowerCase().split(" ").filter(Boolean);
  const found = BINDINGS.filter(({ command, help }) => {
    const all = `${command} ${help}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = ({ command }: Binding): number =>
    command.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1;
  return found.toSorted((one, other) => begins(one) - begins(other));
}
