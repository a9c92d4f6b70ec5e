import type { LineSource } from "./line-batch.js";

/** How urgent one of the supervisor's own messages is. */
export type MessageLevel = "info" | "warning" | "error";

/** The name that the supervisor's own messages carry. */
export const ownName = "supervise";

/** SGR numbers that can be told apart on dark and on light ground; red and yellow are kept for the supervisor's own messages. */
const palette = [36, 32, 35, 34, 96, 92, 95, 94] as const;

/** The SGR number in which a service's name stands; `id`: its number among all services. */
export function prefixColour(id: number): number {
  return palette[id % palette.length] ?? palette[0];
}

const levelColours = { info: 1, warning: 33, error: 31 } as const;

/** Prefixes of terminal rows: `name | `, padded to the longest name; made when a service says its first line. */
export class TerminalPrefixes {
  readonly #colour: boolean;
  readonly #made = new Map<number, Buffer>();
  #width = ownName.length;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  /** Pads to a name of so many characters; never less than the supervisor's own name. */
  setWidth(width: number): void {
    const next = Math.max(width, ownName.length);
    if (next === this.#width) return;
    this.#width = next;
    this.#made.clear();
  }

  /** `+` instead of `|`: the row goes on with the line before it. */
  of(source: LineSource, continued: boolean): Buffer {
    if (continued) return this.#make(source, "+");
    let prefix = this.#made.get(source.id);
    if (prefix === undefined) {
      prefix = this.#make(source, "|");
      this.#made.set(source.id, prefix);
    }
    return prefix;
  }

  own(level: MessageLevel): Buffer {
    return this.#text(ownName, "|", levelColours[level]);
  }

  forget(source: LineSource): void {
    this.#made.delete(source.id);
  }

  #make(source: LineSource, mark: "|" | "+"): Buffer {
    return this.#text(source.name, mark, prefixColour(source.id));
  }

  #text(name: string, mark: "|" | "+", colour: number): Buffer {
    const text = `${name.padEnd(this.#width)} ${mark}`;
    return Buffer.from(this.#colour ? `\x1b[${colour}m${text}\x1b[0m ` : `${text} `);
  }
}
