import type { Dialog, VerbIo } from "../verb.js";
import { makeText, mistakesIn, USUAL_FILE, writeNew, type NewFile } from "./new-configuration.js";
import { chooseSource, findSources } from "./source-choice.js";

/** The least that is of use, for those who have nothing to begin with. */
const EXAMPLE = `services:
  web:
    command: node server.js
`;

/**
 * Offers to write a configuration where there is none, made from what the project has for other tools. True: it was written. Throws a
 * `CommandError` where none can be made.
 */
export async function firstRun(io: VerbIo, dialog: Dialog): Promise<boolean> {
  const sources = await findSources(io.workingDirectory);
  if (sources.length === 0) {
    io.err(
      `There is no configuration here, and nothing to make one from. A ${USUAL_FILE} needs no more than this:\n\n${indented(EXAMPLE)}\n`,
    );
    return false;
  }
  io.err("There is no configuration here.\n");
  const source = chooseSource(sources, dialog);
  if (source === null) return false;
  return offer(io, { source, scripts: [], file: USUAL_FILE, dialog }, dialog);
}

/** Shows the text, asks, and writes. False: it was not wanted. Throws a `CommandError` where none can be made or written. */
export async function offer(io: VerbIo, asked: NewFile, dialog: Dialog): Promise<boolean> {
  const { file, source } = asked;
  const text = await makeText(io, asked);
  if (text === null) return false;
  io.err(`From ${source.file} this can be ${file}:\n\n${indented(text)}\n`);
  await tellMistakes(io, file, text);
  const answer = dialog.ask(`Write it? [Y/n] `)?.trim().toLowerCase();
  if (answer === undefined || !["", "y", "yes"].includes(answer)) {
    io.err("Nothing was written.\n");
    return false;
  }
  writeNew(io, file, text);
  io.err(`${file} is written.\n`);
  return true;
}

/** What remains to be done in it. */
export async function tellMistakes(io: VerbIo, file: string, text: string): Promise<void> {
  for (const mistake of await mistakesIn(io, file, text)) io.err(`supervise: ${mistake}\n`);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
