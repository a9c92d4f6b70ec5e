import { healthWord, type Health, type ServiceStatus, type StateKind } from "@supervise/model";
import { readyWord } from "../../ready-word.js";
import { countsOf, nowLines } from "./now-lines.js";
import { selectedName, type Measured, type ScreenState } from "./screen-state.js";

/** How a row is to look where there are colours; without, the words tell the same. */
export type Tone = "good" | "busy" | "bad" | "quiet";

export interface ScreenRow {
  readonly name: string;
  readonly selected: boolean;
  readonly tone: Tone;
  /** In the order of the columns. */
  readonly cells: readonly string[];
}

export interface ScreenView {
  readonly columns: readonly Column[];
  readonly rows: readonly ScreenRow[];
  /** Services for which there is no room. */
  readonly more: string | null;
  /** What is going on: one line or two. */
  readonly now: readonly string[];
  readonly keys: string;
}

export interface Column {
  readonly title: Title;
  readonly width: number;
  readonly right: boolean;
}

const NAME_WIDTH = 20;

type Title = "SERVICE" | "STATE" | "READY" | "HEALTH" | "RESTARTS" | "PORT" | "CPU" | "MEM" | "WHY";

/** From left to right; 76 columns with the mark before them and the blanks between them. */
const COLUMNS: readonly Column[] = [
  { title: "SERVICE", width: NAME_WIDTH, right: false },
  { title: "STATE", width: 8, right: false },
  { title: "READY", width: 5, right: false },
  { title: "HEALTH", width: 9, right: false },
  { title: "RESTARTS", width: 8, right: true },
  { title: "PORT", width: 6, right: true },
  { title: "CPU", width: 5, right: true },
  { title: "MEM", width: 5, right: true },
];

/** What a narrow terminal goes without, the first one first. */
const DISPENSABLE: readonly Title[] = ["RESTARTS", "HEALTH", "MEM", "CPU", "PORT", "READY"];

/** With the mark before them and the blanks between them. */
function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + 1, 2);
}

/** Narrower, a reason would say nothing. */
const LEAST_WHY = 20;

/** Title and line of keys, besides the lines of what is going on. */
const OTHER_LINES = 2;
/** At most half of the screen: the other half is for lines. */
const LEAST_ROWS = 3;

const KEYS = ["r restart  s stop  a start  f only this  p pause  d dashboard", "q quit"] as const;

/** `columns`, `rows`: of the terminal. */
export function viewScreen(state: ScreenState, columns: number, rows: number): ScreenView {
  const now = nowLines(state);
  const room = Math.max(LEAST_ROWS, Math.floor(rows / 2) - OTHER_LINES - now.length);
  const { services } = state;
  const name = selectedName(state);
  const at = services.findIndex((service) => service.name === name);
  const titled = columnsFor(columns, services);
  const shown = services.length <= room ? services : windowOf(services, at, room - 1);
  return {
    rows: shown.map((service) =>
      rowOf(service, state.measured.get(service.name), service.name === name, titled),
    ),
    columns: titled,
    more:
      shown.length < services.length
        ? `  and ${services.length - shown.length} more: ${countsOf(services)}`
        : null,
    now,
    keys: keysLine(state, columns),
  };
}

/** Those that fit, whole; a wide terminal has one more for reasons. */
function columnsFor(columns: number, services: readonly ServiceStatus[]): readonly Column[] {
  // One column is left free.
  const room = columns - 1;
  const whyWidth = room - widthOf(COLUMNS) - 1;
  if (whyWidth >= LEAST_WHY) return [...COLUMNS, { title: "WHY", width: whyWidth, right: false }];
  if (widthOf(COLUMNS) <= room) return COLUMNS;
  const longest = Math.max("SERVICE".length, ...services.map(({ name }) => name.length));
  const nameWidth = Math.min(NAME_WIDTH, longest);
  let fitting = COLUMNS.map((column) =>
    column.title === "SERVICE" ? { ...column, width: nameWidth } : column,
  );
  for (const title of DISPENSABLE)
    if (widthOf(fitting) > room) fitting = fitting.filter((column) => column.title !== title);
  return fitting;
}

/** The part of the list that holds the selected one. */
function windowOf(
  services: readonly ServiceStatus[],
  at: number,
  count: number,
): readonly ServiceStatus[] {
  const first = Math.min(
    Math.max(0, at - Math.floor(count / 2)),
    Math.max(0, services.length - count),
  );
  return services.slice(first, first + count);
}

function rowOf(
  service: ServiceStatus,
  measured: Measured | undefined,
  selected: boolean,
  columns: readonly Column[],
): ScreenRow {
  const lives = service.pid !== null;
  const cells: Readonly<Record<Title, string>> = {
    SERVICE:
      service.name.length > NAME_WIDTH ? `${service.name.slice(0, NAME_WIDTH - 1)}~` : service.name,
    STATE: service.state,
    READY: readyWord(service) ?? "",
    HEALTH: healthWord(service) ?? "",
    RESTARTS: String(service.restarts),
    PORT: portsText(lives ? (measured?.ports ?? []) : [], service.port ?? null),
    CPU:
      lives && typeof measured?.cpuPercent === "number" ? `${measured.cpuPercent.toFixed(0)}%` : "",
    MEM: lives && measured !== undefined ? sizeText(measured.memoryBytes) : "",
    WHY: whyOf(service),
  };
  return {
    name: service.name,
    selected,
    tone: toneOf(service.state, service.ready, service.health),
    cells: columns.map(({ title }) => cells[title]),
  };
}

/** Of one that is where it belongs, only what it says itself. */
function whyOf({ state, ready, health, reason, statusText }: ServiceStatus): string {
  const settled = state === "done" || (state === "up" && ready && health !== "unhealthy");
  return settled ? (statusText ?? "") : reason;
}

function toneOf(state: StateKind, ready: boolean, health: Health): Tone {
  if (state === "failed" || health === "unhealthy") return "bad";
  if (state === "up") return ready ? "good" : "busy";
  return state === "down" || state === "done" ? "quiet" : "busy";
}

/** "8080", or "8080+" where there are others; "8080?": it was given this one, and listens on none. */
function portsText(listening: readonly number[], given: number | null): string {
  const [lowest] = listening;
  if (lowest === undefined) return given === null ? "" : `${given}?`;
  const first = given !== null && listening.includes(given) ? given : lowest;
  return `${first}${listening.length > 1 ? "+" : ""}`;
}

/** In at most 5 characters: "980K", "45M", "1.2G". */
export function sizeText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  if (mebibytes < 1) return `${Math.round(bytes / 1024)}K`;
  return mebibytes < 1000 ? `${Math.round(mebibytes)}M` : `${(mebibytes / 1024).toFixed(1)}G`;
}

function keysLine({ leaving, paused, only }: ScreenState, columns: number): string {
  if (leaving === 1) return "q again: end at once";
  if (leaving > 1) return "";
  const whole = KEYS.join("  ");
  // Where not all fit, how to leave is what must be seen.
  return (whole.length < columns ? whole : KEYS.toReversed().join("  "))
    .replace("p pause", paused ? "p go on" : "p pause")
    .replace("f only this", only === null ? "f only this" : "f all");
}
