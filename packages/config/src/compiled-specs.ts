import type { ProcessSpec, ServiceSpec } from "@supervise/model";

/**
 * Specs as differences, with one table of values: each spec mostly repeats the one before it, so that a thousand of them are a
 * short text, read in a few milliseconds, and share their parts in memory.
 */
export interface PackedSpecs {
  readonly table: readonly unknown[];
  /** For each spec the fields in which it differs from the one before: place in FIELDS, index into the table, and so on. */
  readonly rows: readonly (readonly number[])[];
}

type ServiceField = Exclude<keyof ServiceSpec, "process">;

/** The compiler checks that no field is forgotten. A new order needs a new form of the compiled text. */
const SERVICE_FIELDS = keysOf<Record<ServiceField, unknown>>({
  name: 0,
  service: 0,
  replica: 0,
  type: 0,
  dependencies: 0,
  restart: 0,
  restartDelay: 0,
  restartLimit: 0,
  ready: 0,
  health: 0,
  stop: 0,
  watchdogMs: 0,
  reload: 0,
  pidfile: 0,
  sockets: 0,
  logging: 0,
  readsLogs: 0,
  watch: 0,
});
const PROCESS_FIELDS = keysOf<ProcessSpec>({
  command: 0,
  workingDirectory: 0,
  environment: 0,
  inheritEnvironment: 0,
  user: 0,
  groupAdd: 0,
  umask: 0,
  nice: 0,
  oomScoreAdj: 0,
  limits: 0,
  capAdd: 0,
  capDrop: 0,
  noNewPrivileges: 0,
  rootDirectory: 0,
  tty: 0,
  stdinOpen: 0,
});

function keysOf<T>(keys: Readonly<Record<keyof T, 0>>): readonly (keyof T & string)[] {
  return Object.keys(keys) as (keyof T & string)[];
}

export function packSpecs(specs: readonly ServiceSpec[]): PackedSpecs {
  const table: unknown[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (value: unknown): number => {
    const key = JSON.stringify(value);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, table.push(value) - 1);
    return table.length - 1;
  };
  let before: readonly number[] = [];
  const rows = specs.map((spec) => {
    const values = [
      ...SERVICE_FIELDS.map((field) => spec[field]),
      ...PROCESS_FIELDS.map((field) => spec.process[field]),
    ].map(indexOf);
    const row = values.flatMap((value, place) => (value === before[place] ? [] : [place, value]));
    before = values;
    return row;
  });
  return { table, rows };
}

/** Throws where the rows are not as `packSpecs` makes them. */
export function unpackSpecs({ table, rows }: PackedSpecs): readonly ServiceSpec[] {
  let spec: Record<string, unknown> = {};
  let process: Record<string, unknown> = {};
  return rows.map((row, number) => {
    if (number === 0 && row.length !== 2 * (SERVICE_FIELDS.length + PROCESS_FIELDS.length))
      throw new RangeError("the first row is not whole");
    spec = { ...spec };
    let copied = false;
    for (let index = 0; index < row.length; index += 2) {
      const place = row[index] ?? -1;
      const value = row[index + 1] ?? -1;
      const field = SERVICE_FIELDS[place] ?? PROCESS_FIELDS[place - SERVICE_FIELDS.length];
      if (field === undefined || !(value in table))
        throw new RangeError("a row names a field or value that is not there");
      if (place >= SERVICE_FIELDS.length) {
        if (!copied) process = { ...process };
        copied = true;
        process[field] = table[value];
      } else spec[field] = table[value];
    }
    spec["process"] = process;
    return spec as unknown as ServiceSpec;
  });
}
