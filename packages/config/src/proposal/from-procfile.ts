import { DiagnosticList } from "../diagnostics.js";
import { readProcfile } from "../procfile.js";
import { entry, plain } from "../tree.js";
import type { Proposal, ProposalRequest, ProposedService } from "./proposal.js";
import { writeText } from "./write-text.js";

/** Each process type as it runs from the Procfile itself: in a shell, with `.env` and a PORT of its own. */
export function fromProcfile({ source, text, exists }: ProposalRequest): Proposal {
  const diagnostics = new DiagnosticList();
  const types: string[] = [];
  const tree = readProcfile(source.file, text, diagnostics, types);
  const services = types.map((name): ProposedService => {
    const command = plain(entry(entry(entry(tree, "services"), name), "command") ?? tree);
    return {
      name,
      keys: {
        // Variables are the shell's: a single $ would be replaced when the file is read.
        command: String(command).replaceAll("$", "$$$$"),
        shell: true,
        ...(exists(".env") ? { env_file: [".env"] } : {}),
        port: "auto",
      },
      comments: [],
    };
  });
  return {
    text:
      diagnostics.failed || services.length === 0
        ? ""
        : writeText([`Made from ${source.file} by \`supervise new\`.`], services),
    services: types,
    left: [],
    diagnostics: diagnostics.sorted([source.file]),
  };
}
