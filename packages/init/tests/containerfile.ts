import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the workspace: the build context of every example. */
export const CONTEXT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");

/** What a Containerfile says about its last stage. */
export interface Image {
  /** The name after its FROM. */
  readonly base: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

interface Stage {
  readonly base: string;
  readonly root: string;
  workingDirectory: string;
}

/**
 * Does by hand what a container engine does with examples/container/NAME/Containerfile, as far as those use it: the last stage is built in
 * `root`, earlier ones in folders of `scratch`, with the programs of this machine in place of their base. An instruction that is not known
 * here fails.
 */
export function buildImage(name: string, root: string, scratch: string): Image {
  const path = join(CONTEXT, "examples/container", name, "Containerfile");
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const stages = new Map<string, Stage>();
  const last = lines.findLastIndex((line) => line.startsWith("FROM "));
  let entrypoint: readonly string[] = [];
  let command: readonly string[] = [];
  let stage: Stage = { base: "", root, workingDirectory: "/" };
  for (const [at, line] of lines.entries()) {
    const [instruction = "", ...words] = line.split(" ");
    const [first = "", second = ""] = words;
    if (instruction === "FROM") {
      const own = at === last ? root : join(scratch, `stage-${at}`);
      mkdirSync(own, { recursive: true });
      stage = { base: first, root: own, workingDirectory: "/" };
      stages.set(words[2] ?? String(at), stage);
    } else if (instruction === "WORKDIR") {
      stage.workingDirectory = first;
      mkdirSync(join(stage.root, first), { recursive: true });
    } else if (instruction === "COPY") {
      const from = /^--from=(.*)$/.exec(first)?.[1];
      if (from === undefined) copy(join(CONTEXT, first), stage, second);
      else copy(join(stageOf(stages, from).root, second), stage, words[2] ?? "");
    } else if (instruction === "RUN" && first === "ln") {
      symlinkSync(words[2] ?? "", join(stage.root, words[3] ?? ""));
    } else if (instruction === "RUN" && at < last) {
      runIn(stage, words);
    } else if (instruction === "ENTRYPOINT") {
      entrypoint = jsonWords(words);
    } else if (instruction === "CMD") {
      command = jsonWords(words);
    } else throw new Error(`"${path}": "${line}" is not understood here`);
  }
  return { base: stage.base, entrypoint, command };
}

const jsonWords = (words: readonly string[]): readonly string[] =>
  JSON.parse(words.join(" ")) as string[];

function stageOf(stages: ReadonlyMap<string, Stage>, name: string): Stage {
  const found = stages.get(name);
  if (!found) throw new Error(`there is no stage "${name}"`);
  return found;
}

function copy(from: string, { root, workingDirectory }: Stage, to: string): void {
  const path = to.startsWith("/") ? join(root, to) : join(root, workingDirectory, to);
  mkdirSync(dirname(path), { recursive: true });
  cpSync(from, path, { recursive: true });
}

function runIn({ root, workingDirectory }: Stage, [file = "", ...args]: readonly string[]): void {
  const ended = spawnSync(file, args, { cwd: join(root, workingDirectory), encoding: "utf8" });
  if (ended.error) throw ended.error;
  if (ended.status !== 0) throw new Error(`cannot run ${file}: ${ended.stderr}`);
}
