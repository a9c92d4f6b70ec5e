import type { Style } from "../view/frame.js";

/** How many colours are used: none, the eight of old terminals, or sixteen. They are the terminal's own, so that its theme counts. */
export type Palette = "none" | "eight" | "sixteen";

interface Look {
  /** 0 to 15; null: the terminal's default. */
  readonly foreground?: number;
  readonly background?: number;
  readonly bold?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

const WITHOUT_COLOUR: Readonly<Record<Style, Look>> = {
  plain: {},
  dim: {},
  strong: { bold: true },
  title: { bold: true, inverse: true },
  heading: { bold: true, underline: true },
  selected: { inverse: true },
  selectedDim: { underline: true },
  marked: { bold: true, underline: true },
  good: {},
  busy: { bold: true },
  warning: { bold: true },
  bad: { bold: true },
  accent: { bold: true },
  match: { inverse: true, bold: true },
  key: { bold: true },
  error: { inverse: true, bold: true },
};

const EIGHT: Partial<Readonly<Record<Style, Look>>> = {
  good: { foreground: 2 },
  busy: { foreground: 6 },
  warning: { foreground: 3 },
  bad: { foreground: 1, bold: true },
  accent: { foreground: 5, bold: true },
  marked: { foreground: 3, bold: true },
  key: { foreground: 6, bold: true },
  match: { foreground: 0, background: 3 },
  error: { foreground: 7, background: 1, bold: true },
};

const SIXTEEN: Partial<Readonly<Record<Style, Look>>> = {
  ...EIGHT,
  dim: { foreground: 8 },
  selectedDim: { foreground: 15, background: 8 },
};

const DEFAULT = 0x1ff;

/** What blessed calls an attribute, for each style: flags, foreground and background in one number. */
export function attributesOf(palette: Palette): Readonly<Record<Style, number>> {
  const own = palette === "none" ? {} : palette === "eight" ? EIGHT : SIXTEEN;
  const looks = { ...WITHOUT_COLOUR, ...own };
  return Object.fromEntries(
    Object.entries(looks).map(([style, look]) => [style, attributeOf(look)]),
  ) as Record<Style, number>;
}

function attributeOf({ foreground, background, bold, underline, inverse }: Look): number {
  const flags = (bold ? 1 : 0) | (underline ? 2 : 0) | (inverse ? 8 : 0);
  return (flags << 18) | ((foreground ?? DEFAULT) << 9) | (background ?? DEFAULT);
}

/** NO_COLOR, where it has any value but the empty one, means none (https://no-color.org). */
export function paletteOf(environment: NodeJS.ProcessEnv, colours: number): Palette {
  if ((environment["NO_COLOR"] ?? "") !== "") return "none";
  return colours >= 16 ? "sixteen" : colours >= 8 ? "eight" : "none";
}

/** Shows the terminal more than ASCII? By the locale, as setlocale(3) finds it; the Linux console's font lacks most of what is drawn. */
export function showsUnicode(environment: NodeJS.ProcessEnv): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = environment;
  if (TERM === "linux" || TERM?.startsWith("vt") === true) return false;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** GNU screen loses count of columns in a row with several emoji joined to one, and writes what follows elsewhere; tmux, which has the same TERM, does not. */
export function joinsEmoji(environment: NodeJS.ProcessEnv): boolean {
  const { STY = "", TERM = "", TMUX = "" } = environment;
  return STY === "" && (TMUX !== "" || !TERM.startsWith("screen"));
}
