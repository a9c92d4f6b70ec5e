import type { ControlClient } from "@supervise/control";
import type { EventEntry, ProcessRow, ProjectStatus } from "@supervise/model";
import { GROUPS_OF_TAB } from "../model/detail.js";
import type { Message } from "../model/message.js";
import type { Sample, Tab } from "../model/model.js";
import type { LogFiles } from "./log-pages.js";
import { followLogs } from "./log-stream.js";
import { createSilence } from "./silence.js";
import type { Sampler } from "./sampler.js";
import type { Wanted } from "./wanted.js";

export interface FeedOptions {
  readonly client: ControlClient;
  readonly sampler: Sampler;
  readonly send: (message: Message) => void;
  readonly grade: LogFiles["grade"];
  /** Where the configuration sets variables of a service, by their names. */
  readonly placesOf: (
    service: string,
    names: readonly string[],
  ) => Promise<ReadonlyMap<string, string>>;
  /** What is on the screen now. */
  readonly wanted: () => Wanted;
  readonly now: () => number;
}

/** What comes from the supervisor and from the kernel, as long as it is open. */
export interface Feed {
  /** The screen shows something else: what that needs is asked for soon. */
  changed(): void;
  close(): void;
}

/** One look a second at what is visible, in milliseconds. */
const LOOK_EVERY_MS = 1_000;
/** After a move in the table so long is waited for the next, in milliseconds. */
const SETTLE_MS = 60;
/** Changes that come together are asked for together, in milliseconds. */
const GATHER_MS = 50;

/** Begins to feed. A supervisor that goes away is looked for once a second. */
export function openFeed(options: FeedOptions): Feed {
  const { client, sampler, send, wanted, now } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let lastEvent = 0;
  let lastProject: ProjectStatus | null = null;
  let connected = false;
  let looking = false;
  let again = false;
  let known: readonly string[] = [];
  let around = 0;
  let places: { readonly name: string; readonly found: ReadonlyMap<string, string> } | null = null;
  let soon: NodeJS.Timeout | null = null;
  const silence = createSilence(send, now);
  const logs = followLogs({ client, send, grade: options.grade, signal });

  const look = async (): Promise<void> => {
    if (looking || !connected) {
      again = connected;
      return;
    }
    looking = true;
    const {
      services: names,
      ordered,
      pids,
      selected,
      selectedPid,
      tab,
      ports,
      logs: logNames,
    } = wanted();
    logs.follow(logNames);
    try {
      if (names.length > 0) {
        const services = await silence.until(client.services(names, signal), () => lastProject);
        send({ type: "services", services, all: false });
        const rows = await client.processes(names);
        send({ type: "processes", names, rows });
        if (selected !== null) await lookAt(selected, selectedPid, tab, rows);
        const mains = new Set(services.map(({ pid }) => pid));
        const shown = rows.filter(({ pid }) => mains.has(pid) || pids.includes(pid));
        const samples = await sampler.sample(shown, ports);
        send({
          type: "samples",
          samples: new Map([
            ...samples,
            ...(ordered ? await lookAround(new Set(names), ports) : []),
          ]),
        });
      }
    } catch {
      // A service that a reload took away, or the supervisor has gone: the events tell of both.
    }
    looking = false;
    if (!again) return;
    again = false;
    changed();
  };
  const lookAt = async (
    name: string,
    pid: number | null,
    tab: Tab,
    rows: readonly ProcessRow[],
  ): Promise<void> => {
    if (tab === "overview") send({ type: "why", name, sentences: await client.why(name) });
    if (tab === "environment") {
      const { environment, inheritEnvironment } = await client.execContext(name);
      // Read once for each configuration: the files do not change what was applied.
      if (places?.name !== name)
        places = { name, found: await options.placesOf(name, Object.keys(environment)) };
      const configured = { environment, inheritEnvironment, places: places.found };
      send({ type: "configured", name, configured });
    }
    const row = rows.find((one) => one.pid === pid);
    const among = rows.flatMap((one) => (one.service === name ? [one.pid] : []));
    if (lastProject !== null) among.push(lastProject.pid);
    if (row === undefined || GROUPS_OF_TAB[tab].length === 0) return;
    send({
      type: "inspected",
      inspected: { pid: row.pid, tab, result: sampler.look(row, among, tab) },
    });
  };
  /** A part of the services that are not visible, the next part with the next look. */
  const lookAround = async (
    visible: ReadonlySet<string>,
    ports: boolean,
  ): Promise<ReadonlyMap<number, Sample>> => {
    const others = known.filter((name) => !visible.has(name));
    if (others.length === 0) return new Map();
    if (around >= others.length) around = 0;
    const names = others.slice(around, around + AROUND);
    around += AROUND;
    const rows = await client.processes(names);
    send({ type: "processes", names, rows });
    return sampler.sample(
      rows.filter(({ main }) => main),
      ports,
    );
  };
  const tick = setInterval(() => {
    send({ type: "time", nowMs: now() });
    silence.tick();
    void look();
  }, LOOK_EVERY_MS);
  const changed = (): void => {
    if (soon !== null) clearTimeout(soon);
    soon = setTimeout(() => void look(), SETTLE_MS);
  };

  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const project = await client.project();
        if (project.pid !== lastProject?.pid) lastEvent = 0;
        lastProject = project;
        send({ type: "connected", project });
        connected = true;
        await lookAtAll();
        changed();
        await readEvents();
        send({ type: "away", reason: "the supervisor has ended" });
      } catch (error) {
        if (signal.aborted) return;
        send({ type: "away", reason: error instanceof Error ? error.message : String(error) });
      }
      connected = false;
      logs.follow(null);
      await pause(LOOK_EVERY_MS, signal);
    }
  };
  const lookAtAll = async (): Promise<void> => {
    const services = await client.services([], signal);
    known = services.map(({ name }) => name);
    send({ type: "services", services, all: true });
  };
  const readEvents = async (): Promise<void> => {
    let entries: EventEntry[] = [];
    let names = new Set<string>();
    let whole = false;
    let timer: NodeJS.Timeout | null = null;
    const tell = async (): Promise<void> => {
      timer = null;
      const [told, about, all] = [entries, names, whole];
      [entries, names, whole] = [[], new Set(), false];
      if (all) places = null;
      send({ type: "events", entries: told });
      try {
        if (all) send({ type: "connected", project: await client.project() });
        if (all || about.size > MANY) await lookAtAll();
        else if (about.size > 0)
          send({
            type: "services",
            services: await client.services([...about], signal),
            all: false,
          });
      } catch {
        // Gone since: the stream ends too, or another event says what became of it.
      }
    };
    try {
      for await (const entry of client.events({ after: lastEvent, follow: true }, signal)) {
        lastEvent = entry.seq;
        entries.push(entry);
        if (entry.service !== null) names.add(entry.service);
        if (["configuration", "shutdown"].includes(entry.kind)) whole = true;
        timer ??= setTimeout(() => void tell(), GATHER_MS);
      }
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  };
  void follow();
  return {
    changed,
    close() {
      abort.abort();
      clearInterval(tick);
      if (soon !== null) clearTimeout(soon);
    },
  };
}

/** So many services that are not visible are measured with each look, where the order of the rows needs it. */
const AROUND = 60;
/** From so many changed services on all are asked for. */
const MANY = 40;

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener("abort", end);
  });
}
