// @ts-check
import { parseArgs } from "node:util";
import { readCount, UsageError } from "../usage-error.mjs";

const scenarioNames = ["start", "signal", "idle", "storm", "recovery"];

export const initUsage = `scenarios of init: ${scenarioNames.join(", ")}; without any, all of them

  --rounds N        starts and signals for each init; 500 without it
  --storms N        storms for each init; 10 without it
  --lives N         lives of a keeper, with 5 kills each; 4 without it
`;

/**
 * @param {string[]} words
 * @throws {UsageError} naming what was found and what is allowed
 */
export function readInitOptions(words) {
  const { values, positionals } = parse(words);
  for (const name of positionals) {
    if (!scenarioNames.includes(name)) {
      throw new UsageError(
        `cannot run scenario "${name}" of init: it must be one of ${scenarioNames.join(", ")}`,
      );
    }
  }
  return {
    scenarios: new Set(positionals.length === 0 ? scenarioNames : positionals),
    rounds: readCount("--rounds", values.rounds, 100_000),
    storms: readCount("--storms", values.storms, 100_000),
    lives: readCount("--lives", values.lives, 100_000),
  };
}

/** @param {string[]} words */
function parse(words) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "500" },
        storms: { type: "string", default: "10" },
        lives: { type: "string", default: "4" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
