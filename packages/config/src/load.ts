import { basename, isAbsolute, resolve } from "node:path";
import type { Configuration, ServiceSpec } from "@supervise/model";
import { AssignedPorts } from "./assigned-ports.js";
import { checkService, checkSharing, checkSyslogLoop } from "./cross-check.js";
import { DiagnosticList } from "./diagnostics.js";
import { draftServices } from "./draft.js";
import type { Draft } from "./draft.js";
import { serviceEnvironment } from "./environment.js";
import { expandReplicas } from "./expand.js";
import { reportCycles, resolveDependencies } from "./graph.js";
import { findReceivers } from "./receivers.js";
import type { Receivers } from "./receivers.js";
import { createLocate } from "./request.js";
import type { LoadRequest, LoadResult } from "./request.js";
import { locationsOf } from "./locations.js";
import { readMask } from "./mask.js";
import { mergeFiles, spreadLogging, withoutResets } from "./merge.js";
import { isProcfile, readProcfile } from "./procfile.js";
import { readYaml } from "./read-yaml.js";
import { scaleDrafts } from "./scales.js";
import { SpecBuilder } from "./service-spec.js";
import { Sources } from "./sources.js";
import { readTopLevel } from "./top-level.js";
import type { MapValue, Value } from "./tree.js";
import { interpolateTree } from "./interpolate-tree.js";

/** The load itself; `loadConfiguration` is its door. Never throws on bad input. */
export function load(request: LoadRequest): LoadResult {
  const diagnostics = new DiagnosticList();
  const sources = new Sources(request, diagnostics);
  sources.readDefaults();
  const types: string[] = [];
  const tree = readFiles(request, sources, diagnostics, types);
  let configuration: Configuration | null = null;
  let drafts: readonly Draft[] = [];
  if (tree !== null) {
    const top = readTopLevel(
      tree,
      sources.directory,
      fallbackName(sources.directory),
      request,
      diagnostics,
    );
    const found = draftServices(tree, request.profiles, diagnostics);
    const { drafts: scaled, ...scales } = scaleDrafts(found, request.scales ?? {});
    const receivers = findReceivers(scaled, diagnostics);
    ({ drafts } = receivers);
    const ports = new AssignedPorts(types, drafts, request.portBase, sources, diagnostics);
    const mask = readMask(tree, diagnostics);
    const services = buildSpecs(receivers, sources, ports, diagnostics).map((spec) =>
      mask.length === 0 ? spec : { ...spec, logging: { ...spec.logging, mask } },
    );
    configuration = { ...top, services, ...scales };
    checkSyslogLoop(configuration, drafts, diagnostics);
  }
  if (diagnostics.failed) configuration = null;
  const locations = locationsOf(drafts);
  const { environment: _, readFile: __, ...options } = request;
  return {
    configuration,
    diagnostics: diagnostics.sorted(request.files.map((file) => labelOf(file, sources))),
    locate: createLocate(() => locations, configuration),
    locations,
    inputs: sources.inputs,
    environmentUsed: sources.environmentUsed,
    options,
  };
}

/** All files merged, or null where one could not be read. */
function readFiles(
  request: LoadRequest,
  sources: Sources,
  diagnostics: DiagnosticList,
  types: string[],
): MapValue | null {
  const trees = request.files.map((file) => readOne(file, request, sources, diagnostics, types));
  if (trees.length === 0)
    diagnostics.error(
      { file: request.workingDirectory, line: 0, column: 0 },
      "no configuration file is named",
    );
  let merged: Value | null = null;
  for (const tree of trees) {
    if (tree === null) return null;
    merged = merged === null ? tree : mergeFiles(merged, tree);
  }
  if (merged === null) return null;
  const clean = withoutResets(merged);
  return clean.kind === "map" ? spreadLogging(clean) : null;
}

function readOne(
  file: string,
  request: LoadRequest,
  sources: Sources,
  diagnostics: DiagnosticList,
  types: string[],
): MapValue | null {
  const label = labelOf(file, sources);
  const result = sources.read(resolve(request.workingDirectory, file));
  if (!result.ok) {
    diagnostics.error({ file: label, line: 0, column: 0 }, result.cause);
    return null;
  }
  if (isProcfile(file, result.text)) return readProcfile(label, result.text, diagnostics, types);
  const tree = readYaml(label, result.text, diagnostics);
  if (tree === null) return null;
  if (tree.kind === "map") return interpolateTree(tree, sources.lookUp, diagnostics) as MapValue;
  const empty = tree.kind === "scalar" && tree.value === null;
  diagnostics.error(
    tree.at,
    empty ? "the file is empty" : "the file must be a map with services",
    empty ? "services: is a map from names to what they run" : null,
  );
  return null;
}

/** A file as messages name it: as it was asked for, but short where it is below the working directory. */
function labelOf(file: string, sources: Sources): string {
  return isAbsolute(file) ? sources.display(file) : file;
}

function buildSpecs(
  { drafts, names: receivers }: Receivers,
  sources: Sources,
  ports: AssignedPorts,
  diagnostics: DiagnosticList,
): readonly ServiceSpec[] {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const specs: ServiceSpec[] = [];
  for (const draft of drafts) {
    checkService(draft, diagnostics);
    const dependencies = resolveDependencies(draft, byName, diagnostics);
    const variables = serviceEnvironment(draft, ports, sources, diagnostics);
    const environment = Object.fromEntries(variables);
    const readsLogs = receivers.has(draft.name);
    const builder = new SpecBuilder(draft, sources.directory, diagnostics, readsLogs);
    const base = builder.build(environment);
    if (draft.enabled)
      specs.push(
        ...expandReplicas(draft, base, dependencies, (replica) =>
          ports.ofReplica(draft, environment, replica),
        ),
      );
  }
  reportCycles(byName, diagnostics);
  checkSharing(specs, byName, diagnostics);
  return specs;
}

/** The directory's name as a project name: lower case, without what is not allowed; "project" where nothing is left. */
function fallbackName(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
  return name === "" ? "project" : name;
}
