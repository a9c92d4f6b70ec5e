import { startOrder, type Configuration } from "@supervise/model";
import { optionGiven } from "../common-options.js";
import { loadOrTell } from "../configuration.js";
import { EXIT_CONFIGURATION, type Verb } from "../verb.js";

const LABELS = { service_started: "started", service_healthy: "healthy", service_completed_successfully: "completed" } as const;

export const verb: Verb = {
  name: "graph",
  summary: "show what depends on what, in the order of the start",
  usage: "",
  options: [{ long: "dot", short: null, value: null, repeatable: false, help: "print it in the language of Graphviz" }],
  run: async (context) => {
    const { io, options } = context;
    const configuration = await loadOrTell(context);
    if (configuration === null) return EXIT_CONFIGURATION;
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ levels: levelsOf(configuration), edges: edgesOf(configuration) })}\n`);
    else io.out(optionGiven(options, "dot") ? dot(configuration) : text(configuration));
    return 0;
  },
};

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly condition: keyof typeof LABELS;
  readonly required: boolean;
}

function levelsOf(configuration: Configuration): readonly (readonly string[])[] {
  return startOrder(configuration.services.map(({ name, dependencies }) => ({ name, dependsOn: dependencies.map((one) => one.name) })));
}

function edgesOf(configuration: Configuration): readonly Edge[] {
  return configuration.services.flatMap(({ name, dependencies }) =>
    dependencies.map((one) => ({ from: name, to: one.name, condition: one.condition, required: one.required })),
  );
}

function text(configuration: Configuration): string {
  const edges = edgesOf(configuration);
  const lines = levelsOf(configuration).flatMap((names, index) =>
    names.map((name) => {
      const needs = edges.filter(({ from }) => from === name).map(({ to, condition, required }) => `${to} (${LABELS[condition]}${required ? "" : ", not required"})`);
      return `${index + 1}  ${name}${needs.length === 0 ? "" : `  after ${needs.join(", ")}`}`;
    }),
  );
  return lines.map((line) => `${line}\n`).join("");
}

function dot(configuration: Configuration): string {
  const quote = JSON.stringify;
  const nodes = configuration.services.map(({ name, type }) => `  ${quote(name)} [shape=${type === "oneshot" ? "ellipse" : "box"}];`);
  const edges = edgesOf(configuration).map(({ from, to, condition, required }) => `  ${quote(from)} -> ${quote(to)} [label=${quote(LABELS[condition])}${required ? "" : ", style=dashed"}];`);
  return `digraph ${quote(configuration.name)} {\n${[...nodes, ...edges].join("\n")}\n}\n`;
}
