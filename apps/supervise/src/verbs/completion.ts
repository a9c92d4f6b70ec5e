import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb } from "../verb.js";
import { bashCompletion } from "./completion-bash.js";
import { fishCompletion } from "./completion-fish.js";
import { zshCompletion } from "./completion-zsh.js";

const SHELLS: Readonly<Record<string, (verbs: readonly Verb[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const verb: Verb = {
  name: "completion",
  summary: "print a completion script for bash, zsh or fish",
  usage: "bash|zsh|fish",
  options: [],
  run: async ({ io, words, allVerbs }) => {
    const [shell, ...more] = words;
    const script = shell !== undefined && Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (script === undefined || more.length > 0) {
      const found = shell === undefined ? "none" : words.map((word) => `"${word}"`).join(" ");
      throw new CommandError(
        `cannot complete: one of bash, zsh and fish must be named, found ${found}`,
        {
          exitCode: EXIT_USAGE,
        },
      );
    }
    io.out(script(await allVerbs()));
    return 0;
  },
};
