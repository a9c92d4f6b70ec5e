import type { EventEntry, ProcessRow, ProjectStatus, ServiceStatus } from "@supervise/model";
import type { Glyphs } from "../view/glyphs.js";
import type { ColumnId } from "./column-id.js";
import type { Detail } from "./detail.js";
import type { PageAsk, ShownLine } from "./log-page.js";
import type { Edit, Proposal } from "./proposal.js";

/** Is the supervisor there? */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** It has gone or never was; `reason` is one line. It is looked for again. */
  | { readonly kind: "away"; readonly reason: string; readonly sinceMs: number };

/** What one look at a process measured. Null: not to be read, or not yet known. */
export interface Sample {
  /** Of one processor, in percent, since the look before. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly descriptors: number | null;
  readonly descriptorLimit: number | null;
  /** Listening ports of the process, such as "8080" or "53/udp". */
  readonly ports: readonly string[];
  /** When the kernel started it, in milliseconds since 1970; null: the time of boot is hidden. */
  readonly startedMs: number | null;
}

/** Ring of measurements, oldest first. */
export interface Trend {
  readonly cpuPercent: readonly number[];
  readonly memoryBytes: readonly number[];
}

/** One row of the table, by what it is and not by where it stands. */
export type RowKey =
  | { readonly kind: "service"; readonly name: string }
  | { readonly kind: "process"; readonly name: string; readonly pid: number };

export interface TableModel {
  readonly sort: ColumnId;
  readonly descending: boolean;
  readonly filter: string;
  /** Services whose processes are shown. */
  readonly unfolded: ReadonlySet<string>;
  readonly marked: ReadonlySet<string>;
  readonly selected: RowKey | null;
  /** Where the selected row was seen last: the row that stands there is selected next once it has gone. */
  readonly selectedIndex: number;
  /** First visible row. */
  readonly top: number;
}

export const TABS = [
  "overview",
  "descriptors",
  "signals",
  "limits",
  "environment",
  "usage",
  "history",
  "logs",
  "dependencies",
] as const;

export type Tab = (typeof TABS)[number];

export type StreamFilter = "both" | "stdout" | "stderr";

export interface LogModel {
  /** The services whose lines are here, as they were asked for. */
  readonly names: readonly string[];
  /** Of all services or the marked ones, rather than of the selected one. */
  readonly merged: boolean;
  /** Oldest first: a window on the log. */
  readonly lines: readonly ShownLine[];
  /** Are there lines before the window in files, as far as is known? */
  readonly older: "more" | "none";
  /** `live`: the window ends where the log does, and grows with it. Else it is a part of the files, with more of them behind it or not. */
  readonly newer: "live" | "more" | "none";
  /** What the files were asked for and have not answered. */
  readonly asked: PageAsk | null;
  readonly nextPage: number;
  /** Lines of the files were in the window: there are files. */
  readonly filed: boolean;
  /** Lines less grave than this are left out (syslog(3)); null: none are. */
  readonly severity: number | null;
  /** Lines that were let go at the front to keep the rest in memory. */
  readonly dropped: number;
  readonly wrap: boolean;
  /** Index of the last visible line; null: follows the end. */
  readonly anchor: number | null;
  /** Columns left of the view, where lines are not wrapped. */
  readonly left: number;
  readonly stream: StreamFilter;
  readonly pattern: string;
  readonly search: string;
  /** Index of the line that the search stands on. */
  readonly match: number | null;
  /** Where a selection of lines began; null: none. */
  readonly selectFrom: number | null;
}

export type Prompt = "filter" | "search" | "logFilter" | "save" | "scale";

/** What lies over the panes and takes the keys. `index`: the chosen row of a list; `top`: the first that is seen. */
export type Overlay =
  | {
      readonly kind: "prompt";
      readonly prompt: Prompt;
      readonly text: string;
      readonly before: string;
      /** Of "scale": the services that it is about. */
      readonly names?: readonly string[];
    }
  | { readonly kind: "confirm"; readonly question: string; readonly effects: readonly Effect[] }
  | { readonly kind: "help"; readonly top: number }
  | {
      readonly kind: "palette";
      readonly text: string;
      readonly index: number;
      readonly top: number;
    }
  /** Which file to edit. */
  | {
      readonly kind: "files";
      readonly paths: readonly string[];
      readonly index: number;
      readonly top: number;
    }
  | { readonly kind: "changes"; readonly proposal: Proposal; readonly top: number }
  | {
      readonly kind: "signals";
      readonly names: readonly string[];
      readonly index: number;
      readonly top: number;
    };

export interface Notice {
  readonly text: string;
  readonly tone: "good" | "bad" | "plain";
  /** Set by the first look at the time after it was said. */
  readonly sinceMs?: number;
}

/** What the dashboard knows and shows; every change makes a new one. */
export interface Model {
  readonly size: { readonly width: number; readonly height: number };
  readonly glyphs: Glyphs;
  readonly archive: boolean;
  readonly socketPath: string;
  readonly link: Link;
  readonly project: ProjectStatus | null;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly services: ReadonlyMap<string, ServiceStatus>;
  /** The trees of those services that were looked at, main process first. */
  readonly processes: ReadonlyMap<string, readonly ProcessRow[]>;
  readonly samples: ReadonlyMap<number, Sample>;
  readonly trends: ReadonlyMap<number, Trend>;
  readonly events: readonly EventEntry[];
  readonly logs: LogModel;
  readonly table: TableModel;
  readonly tab: Tab;
  /** First row of the tab, for those that are not the log. */
  readonly scroll: number;
  readonly detail: Detail;
  readonly revealSecrets: boolean;
  readonly focus: "table" | "detail";
  readonly zoomed: boolean;
  readonly overlay: Overlay | null;
  readonly notice: Notice | null;
  /** Actions that are on their way, by number: what each is. */
  readonly acting: ReadonlyMap<number, string>;
  readonly nextAction: number;
}

/** What the world must do; `update` only asks for it. */
export type Effect =
  | {
      readonly type: "act";
      readonly action: "start" | "stop" | "restart" | "reload" | "signal";
      readonly names: readonly string[];
      readonly signal: string | null;
      readonly what: string;
    }
  | { readonly type: "reloadConfiguration" }
  /** By the services' configured names. */
  | {
      readonly type: "scale";
      readonly counts: Readonly<Record<string, number>>;
      readonly what: string;
    }
  /** What a reload would do. */
  | { readonly type: "compare" }
  /** An editor for a file, or for an edit of it that goes on. */
  | { readonly type: "edit"; readonly path: string; readonly edit: Edit | null }
  | { readonly type: "apply"; readonly edit: Edit }
  /** Lines of the files. `logs`: what is looked for in them. */
  | { readonly type: "readLog"; readonly ask: PageAsk; readonly logs: LogModel }
  | { readonly type: "stopReading" }
  | { readonly type: "copy"; readonly text: string }
  | { readonly type: "save"; readonly path: string; readonly text: string }
  | { readonly type: "redraw" }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

/** A model and what it asks for. */
export type Step = readonly [Model, readonly Effect[]];

/** As it is before anything is known. */
export function initialModel(options: {
  readonly width: number;
  readonly height: number;
  readonly glyphs: Glyphs;
  readonly socketPath: string;
  readonly nowMs: number;
  /** Log files can be read. */
  readonly archive?: boolean;
}): Model {
  const { width, height, glyphs, socketPath, nowMs, archive = false } = options;
  return {
    size: { width, height },
    glyphs,
    archive,
    socketPath,
    link: { kind: "connecting" },
    project: null,
    nowMs,
    services: new Map(),
    processes: new Map(),
    samples: new Map(),
    trends: new Map(),
    events: [],
    logs: {
      names: [],
      merged: false,
      lines: [],
      older: archive ? "more" : "none",
      newer: "live",
      asked: null,
      nextPage: 1,
      filed: false,
      severity: null,
      dropped: 0,
      wrap: false,
      anchor: null,
      left: 0,
      stream: "both",
      pattern: "",
      search: "",
      match: null,
      selectFrom: null,
    },
    table: {
      sort: "name",
      descending: false,
      filter: "",
      unfolded: new Set(),
      marked: new Set(),
      selected: null,
      selectedIndex: 0,
      top: 0,
    },
    tab: "overview",
    scroll: 0,
    detail: { name: null, why: [], configured: null, inspected: null },
    revealSecrets: false,
    focus: "table",
    zoomed: false,
    overlay: null,
    notice: null,
    acting: new Map(),
    nextAction: 1,
  };
}
