import type { Binding } from "./binding.js";
import type { EntryList, ExecStage, SpawnBatch, SpawnRequest, SpawnResult } from "./kernel.js";

/** In the order of `enum stage` in native/spawn.h, which counts from 1. */
export const execStages: readonly ExecStage[] = [
  "clone",
  "session",
  "process group",
  "controlling terminal",
  "signals",
  "cgroup",
  "nice",
  "oom score",
  "limits",
  "groups",
  "gid",
  "uid",
  "capabilities",
  "no new privileges",
  "umask",
  "working directory",
  "root",
  "descriptors",
  "parent death signal",
  "lock",
  "exec",
];

/** The bits of `HAS_...` in native/spawn.h. */
const has = {
  controllingTerminal: 1 << 0,
  cgroupFd: 1 << 1,
  nice: 1 << 2,
  oomScoreAdj: 1 << 3,
  groups: 1 << 4,
  gid: 1 << 5,
  uid: 1 << 6,
  capabilityBounding: 1 << 7,
  capabilityAmbient: 1 << 8,
  noNewPrivileges: 1 << 9,
  umask: 1 << 10,
  root: 1 << 11,
  workingDirectory: 1 << 12,
  parentDeathSignal: 1 << 13,
  sibling: 1 << 14,
  birth: 1 << 15,
  lock: 1 << 16,
  listenPid: 1 << 17,
} as const;

/** Where each number stands: the `AT_...` of native/spawn_request.c. */
const at = {
  has: 0,
  session: 1,
  processGroup: 2,
  controllingTerminal: 3,
  cgroupFd: 4,
  nice: 5,
  oomScoreAdj: 6,
  gid: 7,
  uid: 8,
  capabilityBounding: 9,
  capabilityAmbient: 11,
  umask: 13,
  parentDeathSignal: 14,
  birthFd: 15,
  birthPlace: 16,
  lock: 17,
  fileCount: 18,
  argvCount: 19,
  envCount: 20,
  descriptorCount: 21,
  limitCount: 22,
  groupCount: 23,
  lists: 24,
} as const;

const plainNumbers = [
  "controllingTerminal",
  "cgroupFd",
  "nice",
  "oomScoreAdj",
  "gid",
  "uid",
  "umask",
  "parentDeathSignal",
  "lock",
] as const satisfies readonly (keyof typeof has & keyof typeof at & keyof SpawnRequest)[];

const invalidArgument = -22;

/** What `spawn_result` of native/spawn.c multiplies the pid of a failed sibling by. */
const failedPidUnit = 131_072;

/** The `spawn` of a kernel. One array of numbers serves all its calls. */
export function createSpawn(native: Binding): (request: SpawnRequest) => SpawnResult {
  let numbers = new Float64Array(128);
  return function spawn(request) {
    const groups = request.groups ?? [];
    const limits = request.limits ?? [];
    const length = lengthOf(request, limits.length, groups.length);
    if (length > numbers.length) numbers = new Float64Array(length);
    if (!packAttributes(request, numbers)) return { stage: "capabilities", errno: invalidArgument };
    packLists(request, numbers, limits, groups);
    return resultOf(native.spawn(numbers, packText(request), packEntries(request.env)));
  };
}

/** The `prepareSpawn` of a kernel. */
export function createPrepareSpawn(native: Binding): (request: SpawnRequest) => () => SpawnResult {
  return function prepareSpawn(request) {
    const groups = request.groups ?? [];
    const limits = request.limits ?? [];
    const numbers = new Float64Array(lengthOf(request, limits.length, groups.length));
    if (!packAttributes(request, numbers))
      return () => ({ stage: "capabilities", errno: invalidArgument });
    packLists(request, numbers, limits, groups);
    const [text, env] = [packText(request), packEntries(request.env)];
    return () => resultOf(native.spawn(numbers, text, env));
  };
}

/** The `beginSpawns` of a kernel. */
export function createBeginSpawns(
  native: Binding,
): (requests: readonly SpawnRequest[]) => SpawnBatch {
  return function beginSpawns(requests) {
    // Kept by `finish`: the addon uses the bytes in place.
    const packed: (Float64Array | string | Uint8Array)[] = [];
    const refused = new Set<number>();
    for (const [index, request] of requests.entries()) {
      const groups = request.groups ?? [];
      const limits = request.limits ?? [];
      const numbers = new Float64Array(lengthOf(request, limits.length, groups.length));
      if (packAttributes(request, numbers)) packLists(request, numbers, limits, groups);
      else refused.add(index);
      // Without its numbers the addon refuses a request, and starts nothing for it.
      const own = refused.has(index) ? new Float64Array(0) : numbers;
      packed.push(own, packText(request), packEntries(request.env));
    }
    const results = new Float64Array(requests.length);
    const batch = native.beginSpawns(packed, results);
    return {
      finish() {
        const failure = typeof batch === "number" ? batch : native.finishSpawns(batch);
        packed.length = 0;
        return Array.from(results, (result, index): SpawnResult => {
          if (refused.has(index)) return { stage: "capabilities", errno: invalidArgument };
          return failure < 0 ? { stage: "clone", errno: failure } : resultOf(result);
        });
      },
    };
  };
}

function lengthOf(request: SpawnRequest, limits: number, groups: number): number {
  return at.lists + limits * 3 + groups + request.descriptors.length;
}

function resultOf(result: number): SpawnResult {
  if (result > 0) return { pid: result };
  const pid = Math.floor(-result / failedPidUnit);
  const rest = -result % failedPidUnit;
  const stage = execStages[Math.floor(rest / 4096) - 1] ?? "clone";
  const errno = -(rest % 4096);
  return pid === 0 ? { stage, errno } : { stage, errno, failedPid: pid };
}

function packAttributes(request: SpawnRequest, numbers: Float64Array): boolean {
  numbers.fill(0, 0, at.lists);
  let bits = 0;
  for (const name of plainNumbers) {
    const value = request[name];
    if (value === undefined) continue;
    bits |= has[name];
    numbers[at[name]] = value;
  }
  for (const name of ["capabilityBounding", "capabilityAmbient"] as const) {
    const set = request[name];
    if (set === undefined) continue;
    bits |= has[name];
    for (const capability of set) {
      if (!Number.isInteger(capability) || capability < 0 || capability > 63) return false;
      const half = at[name] + (capability >> 5);
      numbers[half] = ((numbers[half] as number) | (1 << (capability & 31))) >>> 0;
    }
  }
  if (request.groups !== undefined) bits |= has.groups;
  if (request.noNewPrivileges === true) bits |= has.noNewPrivileges;
  if (request.sibling === true) bits |= has.sibling;
  if (request.listenPid === true) bits |= has.listenPid;
  if (request.birth !== undefined) {
    bits |= has.birth;
    numbers[at.birthFd] = request.birth.fd;
    numbers[at.birthPlace] = request.birth.place;
  }
  if (request.root !== undefined) bits |= has.root;
  if (request.workingDirectory !== undefined) bits |= has.workingDirectory;
  numbers[at.has] = bits;
  packSession(request.session, numbers);
  return true;
}

function packSession(session: SpawnRequest["session"], numbers: Float64Array): void {
  if (session === "inherit") return;
  if (session === "detached") numbers[at.session] = 3;
  else numbers[at.session] = session === "new" ? 1 : 2;
  if (typeof session === "object") numbers[at.processGroup] = session.processGroup;
}

function packLists(
  request: SpawnRequest,
  numbers: Float64Array,
  limits: NonNullable<SpawnRequest["limits"]>,
  groups: readonly number[],
): void {
  numbers[at.fileCount] = request.files.length;
  numbers[at.argvCount] = countEntries(request.argv);
  numbers[at.envCount] = request.env instanceof Uint8Array ? 0 : request.env.length;
  numbers[at.descriptorCount] = request.descriptors.length;
  numbers[at.limitCount] = limits.length;
  numbers[at.groupCount] = groups.length;
  let index: number = at.lists;
  for (const [resource, soft, hard] of limits) {
    numbers[index++] = resource;
    numbers[index++] = soft;
    numbers[index++] = hard;
  }
  for (const group of groups) numbers[index++] = group;
  for (const descriptor of request.descriptors) numbers[index++] = descriptor;
}

function countEntries(list: EntryList): number {
  if (!(list instanceof Uint8Array)) return list.length;
  let count = list.length > 0 && list[list.length - 1] !== 0 ? 1 : 0;
  for (let index = list.indexOf(0); index >= 0; index = list.indexOf(0, index + 1)) count++;
  return count;
}

/** Files, argv, root and working directory, each ended by a NUL. A NUL inside makes one entry too many, which the addon refuses. */
function packText(request: SpawnRequest): string | Uint8Array {
  const files = packEntries(request.files);
  const argv = packEntries(request.argv);
  let paths = "";
  if (request.root !== undefined) paths += `${request.root}\0`;
  if (request.workingDirectory !== undefined) paths += `${request.workingDirectory}\0`;
  if (typeof files === "string" && typeof argv === "string") return files + argv + paths;
  return Buffer.concat([bytesOf(files), bytesOf(argv), bytesOf(paths)]);
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Buffer.from(text) : text;
}

const entryEnd: Uint8Array = new Uint8Array(1);

/** The entries as one block of bytes, each ended with a NUL. */
export function entryBlock(list: EntryList): Uint8Array {
  return bytesOf(packEntries(list));
}

function packEntries(list: EntryList): string | Uint8Array {
  if (list instanceof Uint8Array) {
    return list.length === 0 || list[list.length - 1] === 0
      ? list
      : Buffer.concat([list, entryEnd]);
  }
  if (list.length === 0) return "";
  if (list.every((entry) => typeof entry === "string")) return `${list.join("\0")}\0`;
  return Buffer.concat(list.flatMap((entry) => [bytesOf(entry), entryEnd]));
}
