import { spawn } from "node:child_process";
import { setImmediate as turnOver } from "node:timers/promises";
import type { ReadStream, WriteStream } from "node:tty";
import { createElement } from "react";
import type { ProcessRow, ServiceStatus } from "@supervise/model";
import type { TerminalView } from "@supervise/log";
import type { InspectCalls } from "@supervise/process";
import type { ScreenSize } from "./frame.js";
import { openKeyboard } from "./keyboard.js";
import { createMeasuring } from "./measuring.js";
import { FIRST_STATE, pressKey, type ScreenEffect, type ScreenState } from "./screen-state.js";
import { viewScreen } from "./screen-view.js";

/** What the screen is given. */
export interface ScreenPort {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** Of the log, which writes the rows above the table. */
  readonly view: TerminalView;
  readonly colour: boolean;
  readonly calls: InspectCalls;
  services(): readonly ServiceStatus[];
  processes(): readonly ProcessRow[];
  monotonicMs(): number;
  /** Calls back after each change; returns the undo. */
  onChange(listener: () => void): () => void;
  act(action: "start" | "stop" | "restart", name: string): void;
  /** Everything down in order, or at once. */
  end(atOnce: boolean): void;
  /** Stops this process, as Ctrl-Z does; returns once it goes on. */
  suspend(): void;
  say(message: string): void;
  /** A child that was started through Node is not for the supervisor to collect, until the returned function is called. */
  claimChild(pid: number): () => void;
  /** The words that open the dashboard. Null: it has nothing to connect to. */
  readonly dashboard: readonly [string, ...string[]] | null;
}

/** The table below the rows of `supervise up`. */
export interface Screen {
  /** Takes it off the terminal, which is as it was before. */
  close(): void;
}

/** A burst of changes is drawn once, in milliseconds. */
const DRAW_AFTER_MS = 40;
/** Counters and ages while somebody watches, in milliseconds. */
const MEASURE_EVERY_MS = 1000;
/** Where the terminal does not say how large it is. */
const USUAL_SIZE: ScreenSize = { columns: 80, rows: 24 };

/** Draws the table and hears the keys, until `close`. */
export async function openScreen(port: ScreenPort): Promise<Screen> {
  // ink takes a while to load, and is of use nowhere else.
  const { openFrames } = await import("./frame.js");
  const { ScreenTable } = await import("./screen-table.js");
  // Each step takes a while, and the services write meanwhile: their lines come in between.
  await turnOver();
  const { stdin, stdout, view } = port;
  const size = (): ScreenSize => ({
    columns: stdout.columns || USUAL_SIZE.columns,
    rows: stdout.rows || USUAL_SIZE.rows,
  });
  const measuring = createMeasuring(port.calls);
  let state: ScreenState = FIRST_STATE;
  let shown = true;
  let planned: NodeJS.Timeout | null = null;

  const frames = openFrames(size, (lines) => {
    if (shown) view.setFooter(lines);
  });
  await turnOver();
  const draw = (): void => {
    planned = null;
    state = { ...state, services: port.services() };
    const { columns, rows } = size();
    // One column is left free: a full line would have the terminal wrap, and nothing would stand where it is thought to.
    const props = {
      view: viewScreen(state, columns, rows),
      columns: columns - 1,
      colour: port.colour,
    };
    frames.show(createElement(ScreenTable, props));
  };
  const plan = (): void => {
    planned ??= setTimeout(draw, DRAW_AFTER_MS);
  };
  const measure = (): void => {
    if (!shown) return;
    state = { ...state, measured: measuring.take(port.processes(), port.monotonicMs()) };
    plan();
  };

  const leaveTerminal = (): void => {
    shown = false;
    view.setFooter([]);
    keyboard.release();
  };
  const returnToTerminal = (): void => {
    keyboard.take();
    shown = true;
    measure();
  };
  const openDashboard = (): void => {
    const [program, ...words] = port.dashboard ?? [""];
    const child = spawn(program, words, { stdio: "inherit" });
    const disown = child.pid === undefined ? () => undefined : port.claimChild(child.pid);
    let over = false;
    const done = (problem: string | null): void => {
      if (over) return;
      over = true;
      disown();
      view.hide(false);
      if (problem !== null) port.say(problem);
      returnToTerminal();
    };
    child.once("error", ({ message }) => done(`Cannot open the dashboard: ${message}`));
    child.once("exit", (code) => done(code === 0 ? null : "The dashboard has failed"));
  };
  const carryOut = (effect: ScreenEffect): void => {
    switch (effect.type) {
      case "start":
      case "stop":
      case "restart":
        return port.act(effect.type, effect.name);
      case "showOnly":
        return view.showOnly(effect.name);
      case "hold":
        return view.hold(effect.on);
      case "end":
        return port.end(state.leaving > 1);
      case "dashboard":
        if (port.dashboard === null) return port.say("There is no control socket to connect to");
        leaveTerminal();
        view.hide(true);
        // The table is taken off at the end of this turn.
        setImmediate(openDashboard);
        return;
      case "suspend":
        leaveTerminal();
        setImmediate(() => {
          port.suspend();
          returnToTerminal();
        });
        return;
    }
  };
  const keyboard = openKeyboard(stdin, (key) => {
    const [next, effects] = pressKey(state, key);
    state = next;
    for (const effect of effects) carryOut(effect);
    if (shown) draw();
  });

  const unlisten = port.onChange(plan);
  stdout.on("resize", draw);
  const ticking = setInterval(measure, MEASURE_EVERY_MS);
  ticking.unref();
  draw();
  const firstLook = setImmediate(measure);
  return {
    close() {
      clearInterval(ticking);
      clearImmediate(firstLook);
      if (planned !== null) clearTimeout(planned);
      unlisten();
      stdout.off("resize", draw);
      if (shown) leaveTerminal();
      frames.close();
    },
  };
}
