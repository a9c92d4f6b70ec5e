import { directoryOf } from "../cgroup/mount.js";
import type { CgroupMount } from "../cgroup/mount.js";
import { EACCES, known, mapFact, unknown } from "./fact.js";
import type { Fact } from "./fact.js";
import type { InspectSource } from "./source.js";
import type { ProcessView } from "./view.js";

/** Share of time, in percent, that something of the cgroup waited for a resource (PSI). */
export interface PressureLine {
  readonly last10s: number;
  readonly last60s: number;
  readonly last300s: number;
  readonly totalMicros: number;
}

export interface Pressure {
  /** At least one task waited. */
  readonly some: PressureLine;
  /** All of them did. Null: not kept for this resource. */
  readonly full: PressureLine | null;
}

export interface CgroupFacts {
  /** In the v2 hierarchy; null: it has none. */
  readonly path: string | null;
  /** In the hierarchies of v1, by their controllers: "memory" -> "/user". */
  readonly version1: Readonly<Record<string, string>>;
  /** "unsupported" for the root, and where the kernel keeps no pressure or the hierarchy is not to be seen from here. */
  readonly pressure: {
    readonly cpu: Fact<Pressure>;
    readonly memory: Fact<Pressure>;
    readonly io: Fact<Pressure>;
  };
}

export function readCgroup(view: ProcessView): Fact<CgroupFacts> {
  return mapFact(view.text("cgroup"), (text) => {
    const { path, version1 } = parseCgroups(text);
    return { path, version1, pressure: view.look.pressureOf(path) };
  });
}

/** Lines "ID:CONTROLLERS:PATH" of cgroups(7); the path may hold colons. */
export function parseCgroups(text: string): Pick<CgroupFacts, "path" | "version1"> {
  let path: string | null = null;
  const version1: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    const name = Buffer.from(match[3] ?? "", "latin1").toString("utf8");
    if (match[1] === "0" && match[2] === "") path = name;
    else version1[match[2] ?? ""] = name;
  }
  return { path, version1 };
}

const PRESSURE_BYTES = 512;
const buffer = Buffer.allocUnsafeSlow(PRESSURE_BYTES);

/** Of one cgroup; null: the process has none. */
export function readPressures(
  source: InspectSource,
  mount: CgroupMount | null,
  path: string | null,
): CgroupFacts["pressure"] {
  const directory = path === null || mount === null ? null : directoryOf(mount, path);
  const pressure = (resource: string): Fact<Pressure> =>
    directory === null
      ? unknown("unsupported")
      : readPressure(source, `${directory}/${resource}.pressure`);
  return { cpu: pressure("cpu"), memory: pressure("memory"), io: pressure("io") };
}

function readPressure(source: InspectSource, path: string): Fact<Pressure> {
  const count = source.calls.readFile(path, buffer);
  if (count < 0) return unknown(count === EACCES ? "forbidden" : "unsupported");
  const pressure = parsePressure(buffer.toString("latin1", 0, count));
  return pressure === null ? unknown("unsupported") : known(pressure);
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the same for "full". Null: neither. */
export function parsePressure(text: string): Pressure | null {
  const line = (name: string): PressureLine | null => {
    const match = new RegExp(
      `^${name} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)$`,
      "m",
    ).exec(text);
    return match === null
      ? null
      : {
          last10s: Number(match[1]),
          last60s: Number(match[2]),
          last300s: Number(match[3]),
          totalMicros: Number(match[4]),
        };
  };
  const some = line("some");
  return some === null ? null : { some, full: line("full") };
}
