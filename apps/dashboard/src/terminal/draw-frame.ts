import type { Cell, Screen } from "blessed/lib/widgets/screen.js";
import type { Frame } from "../view/frame.js";

/** What terminals draw in more or in fewer columns than they should: characters joined to one, flags, and signs made emoji. */
const UNSURE = /\u200d|\ufe0f|\p{Emoji_Modifier}|\p{Regional_Indicator}/u;
/** All but the first of several emoji that are one. */
const JOINED = /\u200d.*/su;
/** No cell of a frame holds it, so what is known by it is written anew. */
const UNKNOWN = "\0";

/** Around a frame, so that a terminal that knows them shows it at once (synchronized output); others ignore them. */
const BEGIN_UPDATE = "\u001b[?2026h";
const END_UPDATE = "\u001b[?2026l";

/** How a terminal shows what a frame says. */
export interface Looks {
  /** By style, as blessed has them. */
  readonly attributes: Readonly<Record<string, number>>;
  /** It can have several emoji joined to one. */
  readonly joins: boolean;
}

/** Writes the cells in which a frame differs from what the terminal shows. */
export function drawFrame(screen: Screen, frame: Frame, looks: Looks): void {
  const { height, cursor } = frame;
  const rows = Math.min(height, screen.lines.length);
  for (let y = 0; y < rows; y += 1) fillRow(screen, frame, y, looks);
  screen.program.echo(BEGIN_UPDATE);
  screen.program.hideCursor();
  screen.draw(0, rows - 1);
  if (cursor !== null) {
    screen.program.cup(cursor.y, cursor.x);
    screen.program.showCursor();
  }
  screen.program.echo(END_UPDATE);
  screen.program.flush();
}

function fillRow(
  screen: Screen,
  { width, characters, styles }: Frame,
  y: number,
  { attributes, joins }: Looks,
): void {
  const line = screen.lines[y];
  const shown = screen.olines[y];
  if (line === undefined || shown === undefined) return;
  const columns = Math.min(width, line.length);
  const { unicode } = screen.tput;
  for (let x = 0; x < columns; x += 1) {
    const cell = line[x];
    const at = y * width + x;
    const text = characters[at] ?? " ";
    const wide = characters[at + 1] === "" && x + 1 < columns;
    const unsure = wide && unicode && UNSURE.test(text);
    const character = unicode
      ? written(unsure && !joins ? text.replace(JOINED, "") : text, unsure, x, y)
      : asciiOf(text);
    const attribute = attributes[styles[at] ?? "plain"] ?? 0;
    if (cell === undefined || (cell[0] === attribute && cell[1] === character)) continue;
    cell[0] = attribute;
    cell[1] = character;
    line.dirty = true;
    // blessed moves on from where it believes the cursor to stand: behind a wide one that is told again, even if it is where it was.
    if (wide) forget(shown, x + 1, x + 2);
    // It may have been drawn over what stands behind it.
    if (unsure) forget(shown, x + 1, columns);
  }
}

/** Terminals do not agree how wide some characters are: behind each wide one it is said where the next stands. */
function written(text: string, unsure: boolean, x: number, y: number): string {
  if (text === "") return place(x + 1, y);
  return unsure ? `  ${place(x, y)}${text}` : text;
}

/** A question mark for each column of what the terminal cannot show. */
function asciiOf(text: string): string {
  return text === "" || text > "~" ? "?" : text.charAt(0);
}

/** Puts the cursor there; columns and rows from 0. */
function place(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

function forget(shown: Cell[], from: number, to: number): void {
  for (let x = from; x < to; x += 1) {
    const cell = shown[x];
    if (cell !== undefined) cell[1] = UNKNOWN;
  }
}
