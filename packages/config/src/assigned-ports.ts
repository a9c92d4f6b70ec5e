import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import type { Sources } from "./sources.js";
import { valueAt } from "./tree.js";

const DEFAULT_BASE = 5000;
/** Ports between two services: so many replicas of one fit. */
const STEP = 100;
const LAST_PORT = 65_535;

/** The PORT that services are given: those of a Procfile always, others where `port` asks for it. Replicas count on. */
export class AssignedPorts {
  readonly #types: ReadonlySet<string>;
  readonly #sources: Sources;
  /** Of the first replica. */
  readonly #first = new Map<string, number>();

  /** `types`: the process types of a Procfile, in their order; services with `port: auto` are numbered after them. */
  constructor(
    types: readonly string[],
    drafts: readonly Draft[],
    portBase: number | undefined,
    sources: Sources,
    diagnostics: DiagnosticList,
  ) {
    this.#types = new Set(types);
    this.#sources = sources;
    const automatic = drafts.filter(({ fields }) => fields.port === "auto");
    const numbered = [...new Set([...types, ...automatic.map(({ name }) => name)])];
    const found =
      numbered.length === 0
        ? undefined
        : (portBase ?? sources.defaults.get("PORT") ?? sources.ambient("PORT"));
    const base = Number(found ?? DEFAULT_BASE);
    if (!Number.isInteger(base) || base < 1 || base + numbered.length * STEP > LAST_PORT) {
      diagnostics.error(
        { file: sources.display(sources.directory), line: 0, column: 0 },
        `PORT must be a port that leaves room for ${STEP} ports for each ${types.length > 0 ? "process type" : "service with port: auto"}, found "${found}"`,
      );
    }
    for (const [index, name] of numbered.entries()) this.#first.set(name, base + index * STEP);
    for (const { name, fields, tree } of drafts) {
      if (typeof fields.port !== "number") continue;
      this.#first.set(name, fields.port);
      if (fields.port + fields.scale - 1 > LAST_PORT)
        diagnostics.error(
          valueAt(tree, ["port"]).at,
          `port ${fields.port} leaves no room for ${fields.scale} replicas, each with a port of its own`,
        );
    }
  }

  /** What comes before env_file and environment; empty for a service that is from no Procfile. */
  variables(service: string): ReadonlyMap<string, string> {
    return this.#types.has(service)
      ? new Map([...this.#sources.defaults, ["PORT", this.#port(service, 1)]])
      : new Map();
  }

  /** PORT as `port` asks for it, over env_file; null: it does not. */
  asked({ name, fields }: Draft): string | null {
    return fields.port === undefined ? null : this.#port(name, 1);
  }

  /** The environment of one replica: its own PORT, unless something else has set one. */
  ofReplica(
    draft: Draft,
    environment: Readonly<Record<string, string>>,
    replica: number,
  ): Readonly<Record<string, string>> {
    if (
      replica === 1 ||
      !this.#first.has(draft.name) ||
      environment["PORT"] !== this.#port(draft.name, 1)
    )
      return environment;
    return { ...environment, PORT: this.#port(draft.name, replica) };
  }

  #port(service: string, replica: number): string {
    return String((this.#first.get(service) ?? DEFAULT_BASE) + replica - 1);
  }
}
