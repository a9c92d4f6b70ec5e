import type { StateKind } from "@supervise/model";

/** The characters that are not letters; one set for terminals that show Unicode, one for those that do not. */
export interface Glyphs {
  readonly horizontal: string;
  readonly vertical: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly folded: string;
  readonly unfolded: string;
  readonly leaf: string;
  readonly mark: string;
  readonly ellipsis: string;
  readonly ascending: string;
  readonly descending: string;
  readonly arrow: string;
  readonly separator: string;
  /** From nothing to all. */
  readonly bars: readonly string[];
  readonly corners: readonly [string, string, string, string];
}

export const UNICODE: Glyphs = {
  horizontal: "─",
  vertical: "│",
  branch: "├─",
  lastBranch: "└─",
  folded: "▸",
  unfolded: "▾",
  leaf: " ",
  mark: "●",
  ellipsis: "…",
  ascending: "▴",
  descending: "▾",
  arrow: "→",
  separator: "·",
  bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  corners: ["┌", "┐", "└", "┘"],
};

export const ASCII: Glyphs = {
  horizontal: "-",
  vertical: "|",
  branch: "|-",
  lastBranch: "`-",
  folded: "+",
  unfolded: "-",
  leaf: " ",
  mark: "*",
  ellipsis: ">",
  ascending: "^",
  descending: "v",
  arrow: "->",
  separator: "|",
  bars: [" ", "_", ".", ":", "-", "=", "+", "*", "#"],
  corners: ["+", "+", "+", "+"],
};

/** One letter for each state, so that it is told without colour too. */
export const STATE_LETTERS: Readonly<Record<StateKind, string>> = {
  down: "-",
  waiting: "w",
  starting: "s",
  up: "U",
  stopping: "t",
  backoff: "b",
  failed: "F",
  done: "d",
};
