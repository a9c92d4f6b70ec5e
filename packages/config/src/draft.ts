import type { DiagnosticList } from "./diagnostics.js";
import { explain, found, quote } from "./explain.js";
import type { DependencyFields, ServiceFields } from "./fields.js";
import { serviceShape } from "./schema.js";
import { suggest } from "./suggest.js";
import { entry, plain } from "./tree.js";
import type { MapValue, Position, Value } from "./tree.js";

/** A service as far as it could be read: a field that was wrong has its default, and is named in `broken`. */
export interface Draft {
  readonly name: string;
  readonly keyAt: Position;
  readonly tree: MapValue;
  readonly fields: ServiceFields;
  readonly broken: ReadonlySet<string>;
  /** False: its profiles are not active. */
  readonly enabled: boolean;
}

const KEYS = Object.keys(serviceShape) as readonly (keyof ServiceFields)[];
const DEFAULTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  KEYS.map((key) => [key, serviceShape[key].safeParse(undefined).data]),
);

/** Words of later versions. */
const LATER = new Set(
  "annotations attach cpus cpu_shares cpuset deploy extends init labels mem_limit mem_reservation memswap_limit pids_limit post_start pre_stop schedule".split(
    " ",
  ),
);

/** Words of the Compose specification that are about containers. */
const CONTAINER = new Set(
  `blkio_config build cgroup cgroup_parent configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime
  credential_spec device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint expose external_links extra_hosts gpus hostname image ipc
  isolation links mac_address memswappiness models network_mode networks pid platform ports privileged provider pull_policy read_only runtime secrets
  security_opt shm_size storage_opt sysctls tmpfs use_api_socket userns_mode uts volumes volumes_from`.split(
    /\s+/,
  ),
);

const CONTAINER_HINTS: Readonly<Record<string, string>> = {
  entrypoint: "put the program first in command",
  image: "name the program in command",
  build: "name the program in command",
  ports: "the program listens by itself; ready: { tcp: PORT } waits for it",
  expose: "the program listens by itself; ready: { tcp: PORT } waits for it",
};

/** Checks the fields of one service, each by itself, so that one mistake hides no other. */
function draftService(
  name: string,
  keyAt: Position,
  tree: MapValue,
  profiles: ReadonlySet<string>,
  diagnostics: DiagnosticList,
): Draft {
  const broken = new Set<string>();
  const fields: Record<string, unknown> = { ...DEFAULTS };
  for (const [key, { keyAt: at, value }] of tree.entries) {
    if (!isKey(key)) {
      // A misspelt key is not missing as well.
      const meant = refuseKey(key, at, diagnostics);
      if (meant !== null) broken.add(meant);
      continue;
    }
    const result = serviceShape[key].safeParse(plain(value));
    if (result.success) fields[key] = result.data;
    else {
      broken.add(key);
      explain(result.error.issues, key, value, diagnostics);
      if (key === "depends_on") fields[key] = salvageDependencies(value);
    }
  }
  const checked = fields as unknown as ServiceFields;
  const enabled =
    checked.profiles.length === 0 ||
    profiles.has("*") ||
    checked.profiles.some((profile) => profiles.has(profile));
  return { name, keyAt, tree, fields: checked, broken, enabled };
}

function isKey(key: string): key is keyof ServiceFields {
  return Object.hasOwn(serviceShape, key);
}

/** A depends_on with mistakes, entry by entry, so that the names and the other conditions are checked nevertheless. */
function salvageDependencies(value: Value): ServiceFields["depends_on"] {
  if (value.kind !== "map") return {};
  const plainest: DependencyFields = {
    condition: "service_started",
    required: true,
    restart: false,
  };
  const entries = [...value.entries].map(([name, { value: inner }]): [string, DependencyFields] => {
    const result = serviceShape.depends_on.safeParse({ [name]: plain(inner) });
    return [name, result.data?.[name] ?? plainest];
  });
  return Object.fromEntries(entries);
}

/** Returns the key that was probably meant. */
function refuseKey(key: string, at: Position, diagnostics: DiagnosticList): string | null {
  if (key.startsWith("x-")) return null;
  const meant = suggest(key, KEYS);
  if (LATER.has(key)) diagnostics.error(at, `"${key}" is not supported yet`);
  else if (CONTAINER.has(key)) {
    diagnostics.error(
      at,
      `"${key}" belongs to containers; supervise runs programs directly`,
      CONTAINER_HINTS[key] ?? null,
    );
  } else {
    diagnostics.error(
      at,
      `unknown key ${quote(key)} in a service`,
      meant === null ? null : `did you mean "${meant}"?`,
    );
    return meant;
  }
  return key === "image" || key === "build" || key === "entrypoint" ? "command" : null;
}

const NAME = /^[a-zA-Z0-9_][a-zA-Z0-9._-]*$/;

/** The services of a merged tree, in their order. */
export function draftServices(
  root: MapValue,
  profiles: readonly string[],
  diagnostics: DiagnosticList,
): readonly Draft[] {
  const services: Value | undefined = entry(root, "services");
  const active = new Set(profiles);
  if (
    services === undefined ||
    (services.kind === "map" && services.entries.size === 0) ||
    (services.kind === "scalar" && services.value === null)
  ) {
    diagnostics.error(
      services?.at ?? root.at,
      "there are no services",
      "services: is a map from names to what they run",
    );
    return [];
  }
  if (services.kind !== "map") {
    diagnostics.error(services.at, "services must be a map from names to services");
    return [];
  }
  const drafts: Draft[] = [];
  for (const [name, { keyAt, value }] of services.entries) {
    if (!NAME.test(name)) {
      diagnostics.error(
        keyAt,
        `a service's name must consist of letters, digits, ".", "_" and "-", and not begin with "." or "-", found ${quote(name)}`,
      );
    }
    if (value.kind === "map") drafts.push(draftService(name, keyAt, value, active, diagnostics));
    else {
      diagnostics.error(
        value.at,
        `service ${quote(name)} must be a map of keys such as command, found ${found(value)}`,
      );
      // It is there for those who depend on it, and nothing more is said about it.
      const empty: MapValue = { kind: "map", at: value.at, tag: null, entries: new Map() };
      drafts.push({
        ...draftService(name, keyAt, empty, active, diagnostics),
        broken: new Set(KEYS),
      });
    }
  }
  return drafts;
}
