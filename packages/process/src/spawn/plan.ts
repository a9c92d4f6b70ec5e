import type { ProcessSpec, ServiceSpec, SpawnFailure } from "@supervise/model";
import { SystemCallError } from "@supervise/sys";
import type { Kernel, SpawnRequest } from "@supervise/sys";
import { readOwnEnvironment } from "../environment.js";
import { spawnErrorText } from "../errno-text.js";
import type { Proc } from "../proc.js";
import { readStatus } from "../status.js";
import { planCapabilities } from "./capabilities.js";
import { resolveCredentials } from "./credentials.js";
import type { Credentials, OwnIds } from "./credentials.js";
import { OPEN_FILES, resolveLimits } from "./resource-limits.js";
import type { LimitEntry, LimitPair } from "./resource-limits.js";
import { candidates, DEFAULT_PATH } from "./search-path.js";
import { planEnvironment } from "./service-environment.js";
import type { EnvironmentPlan } from "./service-environment.js";

/** What planning needs to know of the supervisor itself. Made once, by `createPlanContext`. */
export interface PlanContext {
  readonly kernel: Pick<Kernel, "lookupUser" | "lookupGroup" | "groupsOf">;
  /** What services inherit, as bytes: our own environment, or what the keeper got. */
  readonly environment: readonly Uint8Array[];
  /** Names in it that are no service's business (NODE_CHANNEL_FD, what a launcher put there). */
  readonly dropVariables: readonly string[];
  readonly own: OwnIds;
  /** Capabilities of our bounding set. */
  readonly bounding: readonly number[];
  /** Limit of open files before Node raised it; null: pass on what there is. */
  readonly openFiles: LimitPair | null;
}

/** Everything about a spawn that is the same for each run of a spec. */
export interface SpawnPlan {
  readonly kind: "plan";
  readonly request: Omit<SpawnRequest, "env" | "descriptors" | "cgroupFd">;
  readonly environment: readonly (string | Uint8Array)[];
  /** Run variables that the spec has set itself. */
  readonly fixed: ReadonlySet<string> | null;
  /** PATH that was searched; null: the command names a file. */
  readonly searched: string | null;
}

/** The spec cannot be started as it stands; no spawn was tried. */
export interface PlanFailure {
  readonly kind: "failure";
  readonly failure: SpawnFailure;
}

/** What belongs to one run. */
export interface RunParts {
  /** The child's descriptor i is our descriptor `descriptors[i]`. */
  readonly descriptors: readonly number[];
  /** "KEY=value", set on top of the plan's environment. */
  readonly environment: readonly string[];
  /** Open directory of the run's cgroup. */
  readonly cgroupFd?: number;
  /** See `SpawnRequest.listenPid`. */
  readonly listenPid?: boolean;
  /** See `SpawnRequest.sibling`. */
  readonly sibling?: boolean;
  /** See `SpawnRequest.controllingTerminal`. */
  readonly controllingTerminal?: number;
  /** See `SpawnRequest.birth`. */
  readonly birth?: NonNullable<SpawnRequest["birth"]>;
}

/** Reads what there is to know of ourselves: environment, ids, capabilities. */
export function createPlanContext(
  kernel: PlanContext["kernel"],
  proc: Proc,
  options: {
    readonly dropVariables: readonly string[];
    readonly openFiles: LimitPair | null;
    /** Null: our own. */
    readonly environment?: readonly Uint8Array[] | null;
  },
): PlanContext {
  const status = readStatus(proc, "self");
  return {
    kernel,
    environment: options.environment ?? readOwnEnvironment(proc),
    dropVariables: options.dropVariables,
    own: {
      uid: status?.uids[1] ?? process.geteuid?.() ?? 0,
      gid: status?.gids[1] ?? process.getegid?.() ?? 0,
      groups: status?.groups ?? process.getgroups?.() ?? [],
    },
    bounding: status?.bounding ?? [],
    openFiles: options.openFiles,
  };
}

const ENVIRONMENTS_KEPT = 256;

/** Looks up users, groups and capabilities once, so that a run costs only `finishPlan`. Keep a plan for as long as the spec stands; a failure must
 * not be kept: the user may be there the next time. */
export function planSpawn(
  spec: Pick<ServiceSpec, "process">,
  context: PlanContext,
): SpawnPlan | PlanFailure {
  const wanted = spec.process;
  const credentials = lookUpCredentials(wanted, context);
  if ("kind" in credentials) return credentials;
  if ("unknownUser" in credentials)
    return failed(`looking up user "${credentials.unknownUser}": no such user`, "ENOENT");
  if ("unknownGroup" in credentials)
    return failed(`looking up group "${credentials.unknownGroup}": no such group`, "ENOENT");

  const limits = resolveLimits(wanted.limits);
  if ("unknown" in limits)
    return failed(`looking up resource limit "${limits.unknown}": no such limit`, "EINVAL");

  const root = (credentials.uid ?? context.own.uid) === 0;
  const capabilities = planCapabilities(wanted.capDrop, wanted.capAdd, context.bounding, root);
  if ("unknown" in capabilities)
    return failed(`looking up capability "${capabilities.unknown}": no such capability`, "EINVAL");
  if ("absent" in capabilities)
    return failed(
      `adding capability "${capabilities.absent}": the supervisor itself does not have it`,
      "EPERM",
    );

  const environment = sharedEnvironment(wanted, context, credentials);
  const word = wanted.command.words[0] ?? "";
  if (word === "") return failed("executing the command: its first word is empty", "ENOENT");
  const path = environment.path ?? DEFAULT_PATH;
  const allLimits = withOpenFiles(limits.entries, context.openFiles);

  return {
    kind: "plan",
    request: {
      files: candidates(word, path, wanted.workingDirectory),
      argv: wanted.command.words,
      session: "new",
      workingDirectory: wanted.workingDirectory,
      ...(wanted.rootDirectory === null ? {} : { root: wanted.rootDirectory }),
      ...(allLimits.length === 0 ? {} : { limits: allLimits }),
      ...(wanted.nice === null ? {} : { nice: wanted.nice }),
      ...(wanted.oomScoreAdj === null ? {} : { oomScoreAdj: wanted.oomScoreAdj }),
      ...(credentials.groups === null ? {} : { groups: credentials.groups }),
      ...(credentials.gid === null ? {} : { gid: credentials.gid }),
      ...(credentials.uid === null ? {} : { uid: credentials.uid }),
      ...(capabilities.bounding === null ? {} : { capabilityBounding: capabilities.bounding }),
      ...(capabilities.ambient === null ? {} : { capabilityAmbient: capabilities.ambient }),
      ...(wanted.noNewPrivileges ? { noNewPrivileges: true } : {}),
      ...(wanted.umask === null ? {} : { umask: wanted.umask }),
    },
    environment: environment.entries,
    fixed: environment.fixed,
    searched: word.includes("/") ? null : path,
  };
}

/** Environments that were planned with a context, by what decides them: most services of a project have the same one. */
const environments = new WeakMap<PlanContext, Map<string, EnvironmentPlan>>();

function sharedEnvironment(
  wanted: ProcessSpec,
  context: PlanContext,
  credentials: Credentials,
): EnvironmentPlan {
  const { inheritEnvironment, environment, workingDirectory, tty } = wanted;
  const key = JSON.stringify([inheritEnvironment, environment, workingDirectory, credentials, tty]);
  const known = environments.get(context) ?? new Map<string, EnvironmentPlan>();
  environments.set(context, known);
  let planned = known.get(key);
  if (planned === undefined) {
    planned = planEnvironment({
      inherited: inheritEnvironment ? context.environment : [],
      drop: context.dropVariables,
      own: environment,
      derived: inheritEnvironment ? { workingDirectory, credentials } : null,
      tty,
    });
    // Reloads may bring ever new ones.
    if (known.size >= ENVIRONMENTS_KEPT) known.clear();
    known.set(key, planned);
  }
  return planned;
}

/** Each environment as one block: encoded once, since most of it is the same for every run. */
const blocks = new WeakMap<SpawnPlan["environment"], Buffer>();

function blockOf({ environment }: SpawnPlan): Buffer {
  let block = blocks.get(environment);
  if (block === undefined) {
    const end = Buffer.alloc(1);
    block = Buffer.concat(environment.flatMap((entry) => [Buffer.from(entry), end]));
    blocks.set(environment, block);
  }
  return block;
}

/** Adds what belongs to one run. Run variables come first, where getenv(3) looks first. */
export function finishPlan(plan: SpawnPlan, run: RunParts): SpawnRequest {
  const { fixed } = plan;
  const extras =
    fixed === null
      ? run.environment
      : run.environment.filter((entry) => !fixed.has(entry.slice(0, entry.indexOf("="))));
  const block = blockOf(plan);
  const env =
    extras.length === 0 ? block : Buffer.concat([Buffer.from(`${extras.join("\0")}\0`), block]);
  const { environment: _, ...rest } = run;
  return { ...plan.request, env, ...rest };
}

function lookUpCredentials(
  wanted: ProcessSpec,
  context: PlanContext,
): ReturnType<typeof resolveCredentials> | PlanFailure {
  try {
    return resolveCredentials(context.kernel, wanted.user, wanted.groupAdd, context.own);
  } catch (error) {
    // The account data base itself cannot be asked: unlike an absent user, that may pass.
    if (!(error instanceof SystemCallError)) throw error;
    const stage = `looking up user "${wanted.user ?? ""}": ${spawnErrorText(error.code)}`;
    return { kind: "failure", failure: { stage, errno: error.code, transient: true } };
  }
}

function withOpenFiles(
  entries: readonly LimitEntry[],
  openFiles: LimitPair | null,
): readonly LimitEntry[] {
  if (openFiles === null || entries.some(([resource]) => resource === OPEN_FILES)) return entries;
  return [...entries, [OPEN_FILES, openFiles.soft, openFiles.hard]];
}

function failed(stage: string, errno: string): PlanFailure {
  return { kind: "failure", failure: { stage, errno, transient: false } };
}
