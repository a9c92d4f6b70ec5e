/** Every command of the dashboard: what the keys, the palette and the help name. */
export type Command =
  | "up"
  | "down"
  | "pageUp"
  | "pageDown"
  | "halfUp"
  | "halfDown"
  | "first"
  | "last"
  | "left"
  | "right"
  | "switchPane"
  | "enter"
  | "nextTab"
  | "previousTab"
  | "zoom"
  | "mark"
  | "markAll"
  | "unmark"
  | "unfoldAll"
  | "filter"
  | "sortNext"
  | "sortPrevious"
  | "invert"
  | "start"
  | "stop"
  | "restart"
  | "reload"
  | "signal"
  | "scale"
  | "reloadConfiguration"
  | "edit"
  | "search"
  | "searchNext"
  | "searchPrevious"
  | "logFilter"
  | "stream"
  | "level"
  | "wrap"
  | "pause"
  | "follow"
  | "merge"
  | "select"
  | "copy"
  | "save"
  | "secrets"
  | "palette"
  | "help"
  | "redraw"
  | "cancel"
  | "suspend"
  | "quit";

export type Where = "everywhere" | "table" | "detail" | "logs";

export interface Binding {
  readonly command: Command;
  /** As `input.ts` names them. */
  readonly keys: readonly string[];
  readonly where: Where;
  /** What it does, for the help and the palette. */
  readonly help: string;
}

/** The first that fits where the keys go is meant. */
export const BINDINGS: readonly Binding[] = [
  { command: "up", keys: ["k", "up", "C-p"], where: "everywhere", help: "one row up" },
  { command: "down", keys: ["j", "down", "C-n"], where: "everywhere", help: "one row down" },
  { command: "pageUp", keys: ["pageup", "b", "C-b"], where: "everywhere", help: "one page up" },
  { command: "pageDown", keys: ["pagedown", "C-f"], where: "everywhere", help: "one page down" },
  { command: "halfUp", keys: ["C-u"], where: "everywhere", help: "half a page up" },
  { command: "halfDown", keys: ["C-d", "d"], where: "everywhere", help: "half a page down" },
  { command: "first", keys: ["g", "home"], where: "everywhere", help: "to the beginning" },
  { command: "last", keys: ["G", "end"], where: "everywhere", help: "to the end" },
  { command: "switchPane", keys: ["tab", "S-tab"], where: "everywhere", help: "to the other pane" },
  {
    command: "nextTab",
    keys: ["]", "S-right"],
    where: "everywhere",
    help: "next tab (1 to 9: that tab)",
  },
  { command: "previousTab", keys: ["[", "S-left"], where: "everywhere", help: "previous tab" },
  {
    command: "zoom",
    keys: ["z"],
    where: "everywhere",
    help: "this pane on the whole screen, and back",
  },
  { command: "start", keys: ["s"], where: "everywhere", help: "start the service, or all marked" },
  { command: "stop", keys: ["S"], where: "everywhere", help: "stop it, after a question" },
  { command: "restart", keys: ["r"], where: "everywhere", help: "restart it, after a question" },
  {
    command: "reload",
    keys: ["R"],
    where: "everywhere",
    help: "have it read its own configuration again",
  },
  {
    command: "signal",
    keys: ["K", "f9"],
    where: "everywhere",
    help: "send its main process a signal",
  },
  {
    command: "scale",
    keys: ["#"],
    where: "everywhere",
    help: "set the number of its replicas",
  },
  {
    command: "reloadConfiguration",
    keys: ["C"],
    where: "everywhere",
    help: "compare the configuration with the one in force, and apply it",
  },
  {
    command: "edit",
    keys: ["E"],
    where: "everywhere",
    help: "edit the configuration with $VISUAL or $EDITOR, see the changes, apply them",
  },
  { command: "enter", keys: ["enter"], where: "table", help: "look at the selected row below" },
  { command: "right", keys: ["l", "right", "+"], where: "table", help: "show its processes" },
  { command: "left", keys: ["h", "left", "-"], where: "table", help: "hide its processes" },
  { command: "unfoldAll", keys: ["*"], where: "table", help: "show or hide the processes of all" },
  {
    command: "mark",
    keys: ["space"],
    where: "table",
    help: "mark or unmark; actions take all that are marked",
  },
  { command: "markAll", keys: ["A"], where: "table", help: "mark all that the filter leaves" },
  { command: "unmark", keys: ["U"], where: "table", help: "unmark all" },
  { command: "filter", keys: ["/", "f4"], where: "table", help: "show only what has these words" },
  {
    command: "sortNext",
    keys: [">", "f6"],
    where: "table",
    help: "sort by the next column (or click its heading)",
  },
  { command: "sortPrevious", keys: ["<"], where: "table", help: "sort by the previous column" },
  { command: "invert", keys: ["I"], where: "table", help: "turn the order round" },
  { command: "search", keys: ["/"], where: "logs", help: "search the log" },
  { command: "searchPrevious", keys: ["N"], where: "logs", help: "the line before that matches" },
  { command: "searchNext", keys: ["n"], where: "logs", help: "the next line that matches" },
  { command: "logFilter", keys: ["&"], where: "logs", help: "show only lines that match" },
  { command: "stream", keys: ["e"], where: "logs", help: "both streams, only stderr, only stdout" },
  {
    command: "level",
    keys: ["L"],
    where: "logs",
    help: "lines of every level, only err and graver, warning, notice, info, debug",
  },
  { command: "wrap", keys: ["w"], where: "logs", help: "wrap long lines, or not" },
  { command: "pause", keys: ["space", "p"], where: "logs", help: "stand still, or follow" },
  { command: "follow", keys: ["F"], where: "logs", help: "follow the end" },
  {
    command: "merge",
    keys: ["m"],
    where: "logs",
    help: "the log of all marked services, or of all, in one",
  },
  { command: "select", keys: ["v"], where: "logs", help: "select lines from here on" },
  {
    command: "copy",
    keys: ["y"],
    where: "logs",
    help: "copy the selected lines, or those on the screen",
  },
  { command: "save", keys: ["o"], where: "logs", help: "save the lines to a file" },
  { command: "left", keys: ["h", "left"], where: "detail", help: "to the left" },
  { command: "right", keys: ["l", "right"], where: "detail", help: "to the right" },
  {
    command: "secrets",
    keys: ["v"],
    where: "detail",
    help: "show or hide values that look like secrets",
  },
  {
    command: "palette",
    keys: [":", "C-k"],
    where: "everywhere",
    help: "every command by its name",
  },
  { command: "help", keys: ["?", "f1"], where: "everywhere", help: "this help" },
  { command: "redraw", keys: ["C-l"], where: "everywhere", help: "draw the screen anew" },
  {
    command: "cancel",
    keys: ["escape"],
    where: "everywhere",
    help: "close, or take back filter, search and selection",
  },
  {
    command: "suspend",
    keys: ["C-z"],
    where: "everywhere",
    help: "back to the shell; fg comes back",
  },
  {
    command: "quit",
    keys: ["q", "f10", "C-c"],
    where: "everywhere",
    help: "leave; the services go on",
  },
];

/** Is a binding of this place in force where the keys go now? */
export function applies(where: Where, focus: "table" | "detail", logs: boolean): boolean {
  switch (where) {
    case "everywhere":
      return true;
    case "table":
      return focus === "table";
    case "logs":
      return focus === "detail" && logs;
    case "detail":
      return focus === "detail";
  }
}

/** The command of a key; null: it has none there. */
export function commandOf(key: string, focus: "table" | "detail", logs: boolean): Command | null {
  return (
    BINDINGS.find(({ keys, where }) => keys.includes(key) && applies(where, focus, logs))
      ?.command ?? null
  );
}
