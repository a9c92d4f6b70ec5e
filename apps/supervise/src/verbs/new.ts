import { optionGiven, optionList, optionText } from "../common-options.js";
import { offer, tellMistakes } from "../new/first-run.js";
import {
  makeText,
  refuseWhatIsThere,
  USUAL_FILE,
  writeNew,
  type NewFile,
} from "../new/new-configuration.js";
import { chooseSource, findSources, namedSource, type FoundSource } from "../new/source-choice.js";
import { CommandError } from "../verb.js";
import type { Dialog, Verb, VerbContext } from "../verb.js";

export const verb: Verb = {
  name: "new",
  summary: "write a configuration made from a Procfile, a compose file or package.json",
  usage: "",
  options: [
    {
      long: "from",
      short: null,
      value: "FILE",
      repeatable: false,
      help: "what to make it from (the only one of these that is here)",
    },
    {
      long: "script",
      short: null,
      value: "NAME",
      repeatable: true,
      help: "of package.json: a script that is to run (dev, else another of the usual names)",
    },
    { long: "yes", short: "y", value: null, repeatable: false, help: "ask nothing, write it" },
    {
      long: "print",
      short: null,
      value: null,
      repeatable: false,
      help: "ask nothing, print it and write nothing",
    },
  ],
  run: async (context) => {
    const { io, options } = context;
    const file = optionList(options, "file").at(-1) ?? USUAL_FILE;
    const silent = optionGiven(options, "yes") || optionGiven(options, "print");
    if (!optionGiven(options, "print")) refuseWhatIsThere(io, file);
    const dialog = silent ? null : io.openDialog();
    if (!silent && dialog === null)
      throw new CommandError(`cannot ask whether to write "${file}": this is no terminal`, {
        hint: "--yes writes it, --print shows it",
      });
    const source = await sourceOf(context, dialog);
    if (source === null) return 1;
    const asked: NewFile = { source, scripts: optionList(options, "script"), file, dialog };
    if (dialog !== null) return (await offer(io, asked, dialog)) ? 0 : 1;
    const text = (await makeText(io, asked)) ?? "";
    if (optionGiven(options, "print")) {
      io.out(text);
      return 0;
    }
    await tellMistakes(io, file, text);
    writeNew(io, file, text);
    return 0;
  },
};

/** Null: nothing was chosen. */
async function sourceOf(
  { io, options }: VerbContext,
  dialog: Dialog | null,
): Promise<FoundSource | null> {
  const named = optionText(options, "from");
  if (named !== null) return namedSource(io.workingDirectory, named);
  const sources = await findSources(io.workingDirectory);
  if (sources.length > 0) return chooseSource(sources, dialog);
  throw new CommandError(
    `cannot make a configuration in "${io.workingDirectory}": there is nothing to make it from`,
    { hint: "it is made from a Procfile, a compose file or the scripts of package.json" },
  );
}
