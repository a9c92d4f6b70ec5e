export { openProc } from "./proc.js";
export type { FileCalls, Proc } from "./proc.js";
export { isLive, parseStat, readExitStatus, readStat } from "./stat.js";
export type { ProcessStat } from "./stat.js";
export { parseStatus, readStatus } from "./status.js";
export type { IdSet, ProcessStatus } from "./status.js";
export { printable, readCommandLine } from "./command-line.js";
export {
  nameOf,
  readEnvironmentOf,
  readInvocationId,
  readOwnEnvironment,
  valueOf,
} from "./environment.js";
export { childrenOf, listPids, ownChildren, unknownChildren } from "./pids.js";
export { psRow, statFlags } from "./ps-row.js";
export { ttyName } from "./tty-name.js";
export { bootId, pidNamespace, readIdentity, sameProcess } from "./identity.js";
export type { ProcessIdentity } from "./identity.js";

export { createPlanContext, finishPlan, planSpawn } from "./spawn/plan.js";
export type { PlanContext, PlanFailure, RunParts, SpawnPlan } from "./spawn/plan.js";
export { candidates as searchCandidates, DEFAULT_PATH } from "./spawn/search-path.js";
export { applyWords, readApplyFailure } from "./spawn/apply-words.js";
export { describeSpawnFailure } from "./spawn/spawn-failure.js";
export type { FailedSpawn } from "./spawn/spawn-failure.js";
export { OPEN_FILES } from "./spawn/resource-limits.js";
export type { LimitPair } from "./spawn/resource-limits.js";
export { originalOpenFiles } from "./spawn/open-files.js";
export { resolveCredentials } from "./spawn/credentials.js";
export type { Credentials, CredentialsProblem, OwnIds } from "./spawn/credentials.js";

export { processTable } from "./tree/process-table.js";
export type { ProcessTable } from "./tree/process-table.js";
export { classify } from "./tree/classify.js";
export type { Classification, ClassifyOptions, RunTree } from "./tree/classify.js";
export { findTree, killTree, killTrees, signalProved } from "./tree/kill-tree.js";
export type { KillPort } from "./tree/kill-tree.js";
export { holdsPipe, inodeOfDescriptor } from "./tree/held-pipes.js";

export { openCgroups } from "./cgroup/cgroup-manager.js";
export type {
  CgroupManager,
  CgroupOptions,
  CgroupRefusal,
  ServiceCgroup,
} from "./cgroup/cgroup-manager.js";
export { isPopulated, killCgroup, readCgroupProcs } from "./cgroup/cgroup-files.js";

export { discardPidfile } from "./pidfile/discard.js";
export type { Discarded } from "./pidfile/discard.js";
export { markPidfile, readPidfile, removePidfile, writePidfile } from "./pidfile/pidfile.js";
export type { PidfileContent, PidfileMark } from "./pidfile/pidfile.js";
export { describePidfile, examinePidfile } from "./pidfile/verdict.js";
export type { PidfileQuestion, PidfileVerdict } from "./pidfile/verdict.js";

export { findListeners, findUnixListeners } from "./socket/listeners.js";
export type { Listener, UnixListener } from "./socket/listeners.js";
export { ownerOf, portOwner, unixSocketOwner } from "./socket/owner.js";
export type { SocketOwner } from "./socket/owner.js";

export { lockProject } from "./state/project-lock.js";
export type { LockRefusal, ProjectLock } from "./state/project-lock.js";
export { runtimeDirectories, runtimeDirectory } from "./state/runtime-directory.js";
export type { RuntimeDirectory, RuntimeRequest } from "./state/runtime-directory.js";
export { openRecords, readRecords } from "./state/record-store.js";
export type { LoadedRecords, RecordStore } from "./state/record-store.js";
export { parseRecord } from "./state/service-record.js";
export type { ForgottenService, ServiceRecord } from "./state/service-record.js";

export { openKeeper } from "./keeper/client.js";
export type { Keeper, KeeperListener } from "./keeper/client.js";
export {
  decodeMessage,
  encodeMessage,
  LONGEST_PACKET,
  nameOfType,
  PROTOCOL_VERSION,
} from "./keeper/codec.js";
export type { BadPacket } from "./keeper/codec.js";
export { readDepositedFile } from "./keeper/deposited-file.js";
export { PING_AS_STARTED, PREVIOUS_ENDS } from "./keeper/messages.js";
export type {
  Exit,
  FromKeeper,
  Hello,
  KeeperMessage,
  Settings,
  Signal,
  ToKeeper,
} from "./keeper/messages.js";

export { openInspectSource, pidsOf } from "./inspect/source.js";
export type { InspectCalls, InspectSource } from "./inspect/source.js";
export { FACT_GROUPS, inspectProcess, inspectProcesses } from "./inspect/inspect.js";
export type { InspectOptions } from "./inspect/inspect.js";
export { inspectTree, sortAsTree, threadGroupOf } from "./inspect/tree.js";
export type { InspectedTree, TreeMember } from "./inspect/tree.js";
export { valueOr } from "./inspect/fact.js";
export type { Fact, Unknown } from "./inspect/fact.js";
export type { FactGroup, Inspected, ProcessFacts, ProcessSnapshot } from "./inspect/facts.js";
export type { ProcessBasics } from "./inspect/basics.js";
export type { CgroupFacts, Pressure, PressureLine } from "./inspect/cgroup-facts.js";
export type { CpuFacts, IoFacts } from "./inspect/cpu.js";
export type { CapabilityFacts, CredentialFacts, SignalFacts } from "./inspect/credentials.js";
export type { LimitFacts, OpenFileFacts } from "./inspect/limits.js";
export type { MemoryFacts, SharedMemoryFacts } from "./inspect/memory.js";
export type { NamespaceFacts } from "./inspect/namespaces.js";
export type { CommandFacts, FilePlace, ProgramFacts } from "./inspect/program.js";
export type { ThreadFacts } from "./inspect/threads.js";
export type {
  Descriptor,
  DescriptorDetail,
  DescriptorKind,
  Ends,
  EpollWatch,
  Holder,
  InotifyWatch,
} from "./inspect/descriptor/facts.js";
export type { Access } from "./inspect/descriptor/fdinfo.js";
export type {
  InternetSocket,
  NetlinkSocket,
  OtherSocket,
  PacketSocket,
  SocketAddress,
  SocketFacts,
  SocketQueue,
  SocketState,
  UnixSocket,
} from "./inspect/sockets/facts.js";

export { createUsageSampler } from "./usage/usage-sampler.js";
export type { Measure, Measured, Usage, UsageSampler } from "./usage/usage-sampler.js";
