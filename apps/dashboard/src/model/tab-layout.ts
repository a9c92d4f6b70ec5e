import { TABS } from "./model.js";
import { layoutOf } from "./layout.js";
import type { Model, Tab } from "./model.js";

/** A tab's label where it stands. */
export interface PlacedTab {
  readonly tab: Tab;
  readonly label: string;
  readonly x: number;
}

const TITLES: Readonly<Record<Tab, string>> = {
  overview: "Overview",
  descriptors: "Descriptors",
  signals: "Signals",
  limits: "Limits",
  environment: "Environment",
  usage: "Usage",
  history: "History",
  logs: "Logs",
  dependencies: "Dependencies",
};

/** The labels side by side: whole ones where there is room, else the first letters of all but the open one. */
export function placeTabs(model: Model): readonly PlacedTab[] {
  const { width } = layoutOf(model).tabs;
  const whole = place(model.tab, 99);
  if (end(whole) <= width) return whole;
  const short = place(model.tab, 4);
  return end(short) <= width ? short : place(model.tab, 0);
}

export function tabAt(model: Model, x: number): Tab | null {
  return placeTabs(model).find((one) => x >= one.x && x < one.x + one.label.length)?.tab ?? null;
}

function place(open: Tab, letters: number): readonly PlacedTab[] {
  let x = 0;
  return TABS.map((tab, index) => {
    const title = tab === open ? TITLES[tab] : TITLES[tab].slice(0, letters);
    const label = ` ${index + 1}${title === "" ? "" : ` ${title}`} `;
    const placed = { tab, label, x };
    x += label.length;
    return placed;
  });
}

function end(placed: readonly PlacedTab[]): number {
  const last = placed.at(-1);
  return last === undefined ? 0 : last.x + last.label.length;
}
