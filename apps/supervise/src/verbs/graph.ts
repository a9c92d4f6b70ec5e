import { startOrder } from "@supervise/model";
import type { Configuration, DependencyCondition } from "@supervise/model";
import { JSON_OUTPUT, optionGiven } from "../common-options.js";
import { loadOrTell } from "../configuration.js";
import { EXIT_CONFIGURATION } from "../verb.js";
import type { Verb } from "../verb.js";

const LABELS: Readonly<Record<DependencyCondition, string>> = {
  service_started: "started",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
};

export const verb: Verb = {
  name: "graph",
  summary: "show what depends on what, in the order of the start",
  usage: "",
  options: [
    {
      long: "dot",
      short: null,
      value: null,
      repeatable: false,
      help: "print it in the language of Graphviz",
    },
    {
      long: "names",
      short: null,
      value: null,
      repeatable: false,
      help: "names only, one on a line, in the order of the configuration",
    },
    JSON_OUTPUT,
  ],
  run: async (context) => {
    const { io, options } = context;
    const configuration = await loadOrTell(context);
    if (configuration === null) return EXIT_CONFIGURATION;
    const names = configuration.services.map(({ name }) => name);
    if (optionGiven(options, "json")) {
      const levels = levelsOf(configuration);
      io.out(
        `${JSON.stringify({ name: configuration.name, names, levels, edges: edgesOf(configuration) })}\n`,
      );
    } else if (optionGiven(options, "names")) io.out(names.map((name) => `${name}\n`).join(""));
    else io.out(optionGiven(options, "dot") ? dot(configuration) : text(configuration));
    return 0;
  },
};

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly condition: DependencyCondition;
  readonly required: boolean;
}

function levelsOf({ services }: Configuration): readonly (readonly string[])[] {
  return startOrder(
    services.map(({ name, dependencies }) => ({
      name,
      dependsOn: dependencies.map((one) => one.name),
    })),
  );
}

function edgesOf({ services }: Configuration): readonly Edge[] {
  return services.flatMap(({ name: from, dependencies }) =>
    dependencies.map(({ name: to, condition, required }) => ({ from, to, condition, required })),
  );
}

/** "2  web  after cache (started)": those of one number may start at the same time. */
function text(configuration: Configuration): string {
  const edges = edgesOf(configuration);
  const lines = levelsOf(configuration).flatMap((names, index) =>
    names.map((name) => {
      const needs = edges
        .filter(({ from }) => from === name)
        .map(
          ({ to, condition, required }) =>
            `${to} (${LABELS[condition]}${required ? "" : ", not required"})`,
        );
      return `${index + 1}  ${name}${needs.length === 0 ? "" : `  after ${needs.join(", ")}`}\n`;
    }),
  );
  return lines.join("");
}

function dot(configuration: Configuration): string {
  const quote = JSON.stringify;
  const nodes = configuration.services.map(
    ({ name, type }) => `  ${quote(name)} [shape=${type === "oneshot" ? "ellipse" : "box"}];`,
  );
  const edges = edgesOf(configuration).map(
    ({ from, to, condition, required }) =>
      `  ${quote(from)} -> ${quote(to)} [label=${quote(LABELS[condition])}${required ? "" : ", style=dashed"}];`,
  );
  return `digraph ${quote(configuration.name)} {\n${[...nodes, ...edges].join("\n")}\n}\n`;
}
