import type { LogFinding, LogProof, LogReading } from "@supervise/log";
import type { VerbIo } from "../verb.js";
import { CommandError } from "../verb.js";
import type { LogPlaces } from "./log-places.js";

/**
 * Proves from their numbers that the lines in the services' files are all there, once each, and tells every place where they are not. Returns the exit code: 1 where something is not explained or not
 * readable.
 */
export async function verifyLogs(
  io: VerbIo,
  { places }: LogPlaces,
  reading: LogReading,
  words: readonly string[],
  json: boolean,
): Promise<number> {
  const without = places.filter(({ source }) => source === null).map(({ name }) => name);
  const sources = places.flatMap(({ source, others }) =>
    source === null ? [] : [source, ...others],
  );
  if (without.length > 0 && (words.length > 0 || sources.length === 0)) {
    const which = without.map((name) => `"${name}"`).join(", ");
    throw new CommandError(`cannot verify the logs of service ${which}: it has no log file`, {
      hint: "give it one with logging: { driver: file, options: { path: FILE } }",
    });
  }
  let good = true;
  const onProblem = (message: string): void => {
    good = false;
    io.err(`supervise: ${message}\n`);
  };
  for (const source of sources) {
    try {
      const proof = await reading.verifyFiles(source, onProblem);
      if (!proof.complete) good = false;
      const several = sources.some((other) => other !== source && other.service === source.service);
      const { path } = source;
      const text = proofText(proof, several ? ` in "${path}"` : "");
      io.out(json ? `${JSON.stringify({ ...proof, path })}\n` : text);
    } catch (error) {
      if (!(error instanceof reading.LogFileError)) throw error;
      onProblem(error.message);
    }
  }
  return good ? 0 : 1;
}

function proofText(proof: LogProof, where: string): string {
  const { service, first, last, lines, files, findings, unnumbered, complete } = proof;
  const what = `${count(lines, "line")} in ${count(files, "file")}`;
  const range = first === null || last === null ? "" : `, numbers ${first} to ${last}`;
  const verdict =
    lines === 0 && findings.length === 0
      ? "there is nothing yet"
      : !complete
        ? "not complete"
        : findings.length > 0 && findings.every(({ kind }) => kind === "unknown")
          ? "every number is there once, but what was never read is unknown"
          : findings.length > 0
            ? "every number is there once, or its loss is explained"
            : first === null
              ? "no line has a number: nothing can be proved"
              : "every number is there once";
  const notes = findings.map((finding) => `  ${findingText(finding)}\n`).join("");
  const old =
    unnumbered > 0 && first !== null
      ? `  ${count(unnumbered, "line")} without a number, of which nothing can be said\n`
      : "";
  return `${service}${where}: ${what}${range}: ${verdict}\n${notes}${old}`;
}

function findingText({ kind, from, to, lines, cause, file, offset }: LogFinding): string {
  const place = `"${file}" at byte ${offset}`;
  const numbers = from === to ? `${from}` : `${from} to ${to}`;
  switch (kind) {
    case "gap":
      return `${numbers}: ${count(lines, "line")} lost: ${cause ?? "unexplained"} (${place})`;
    case "doubled":
      return `${numbers}: ${count(lines, "line")} double: unexplained (${place})`;
    case "unknown":
      return `last lines unknown: ${cause ?? ""} (${place})`;
    case "torn":
      return `${count(lines, "row")} torn: unexplained (${place})`;
  }
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
