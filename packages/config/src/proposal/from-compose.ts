import { DiagnosticList } from "../diagnostics.js";
import { interpolateTree } from "../interpolate-tree.js";
import { readYaml } from "../read-yaml.js";
import { entry } from "../tree.js";
import type { MapValue } from "../tree.js";
import { composeService, type ComposeOutcome } from "./compose-service.js";
import type { Proposal, ProposalRequest } from "./proposal.js";
import { writeText } from "./write-text.js";

/** Compose reads it besides by itself. */
const OVERRIDES = [
  "compose.override.yaml",
  "compose.override.yml",
  "docker-compose.override.yaml",
  "docker-compose.override.yml",
];

/**
 * The services of a compose file that name a program, run here instead of in their images. What has only an image is left out, since nothing here
 * could run it; every key that is about containers is named.
 */
export function fromCompose({ source, text, exists, environment }: ProposalRequest): Proposal {
  const diagnostics = new DiagnosticList();
  const { file } = source;
  const tree = readYaml(file, text, diagnostics);
  const services = tree === null ? undefined : entry(tree, "services");
  if (tree?.kind !== "map" || services?.kind !== "map") {
    if (!diagnostics.failed)
      diagnostics.error({ file, line: 1, column: 1 }, "the file must be a map with services");
    return { text: "", services: [], left: [], diagnostics: diagnostics.sorted([file]) };
  }
  const outcomes = readServices(services, environment);
  const ending = awaitedEnds(services);
  const taken = outcomes.filter((one) => one.kind === "taken");
  const names = taken.map(({ name }) => name);
  const all = outcomes.map(({ name }) => name);
  const proposed = taken.map((one) => one.propose({ names, all, ends: ending.has(one.name) }));
  const left = outcomes.flatMap((one) =>
    one.kind === "left" ? [`${one.name} is left out: ${one.why}`] : [],
  );
  const head = [
    `Made from ${file} by \`supervise new\`: programs run on this machine, not in their images.`,
    ...left,
    ...topLevel(tree),
    ...OVERRIDES.filter(exists).map((name) => `${name} is not read`),
  ];
  return {
    text: proposed.length === 0 ? "" : writeText(head, proposed),
    services: names,
    left,
    diagnostics: [],
  };
}

function readServices(
  services: MapValue,
  environment: ProposalRequest["environment"],
): readonly ComposeOutcome[] {
  const lookUp = (name: string): string | undefined => environment[name];
  return Array.from(services.entries, ([name, { value }]) => {
    // Only to see whether a value is one that is known here: the text keeps its variables.
    const filled = interpolateTree(value, lookUp, new DiagnosticList());
    return composeService(name, value, filled);
  });
}

/** Services whose success another one waits for: they do their work and end. */
function awaitedEnds(services: MapValue): ReadonlySet<string> {
  const waits = Array.from(services.entries.values(), ({ value }) => entry(value, "depends_on"));
  return new Set(
    waits.flatMap((found) =>
      found?.kind === "map"
        ? Array.from(found.entries, ([name, { value }]) => ({
            name,
            condition: entry(value, "condition"),
          }))
            .filter(
              ({ condition }) =>
                condition?.kind === "scalar" &&
                condition.value === "service_completed_successfully",
            )
            .map(({ name }) => name)
        : [],
    ),
  );
}

/** What stands beside the services. */
function topLevel(tree: MapValue): readonly string[] {
  const keys = Array.from(tree.entries.keys()).filter(
    (key) => !["services", "version", "name"].includes(key) && !key.startsWith("x-"),
  );
  return keys.length === 0 ? [] : [`not taken over: ${keys.join(", ")}`];
}
