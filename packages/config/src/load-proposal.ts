import type { Proposal, ProposalRequest } from "./proposal/proposal.js";

/** What the scripts of a package.json are, and which of them are probably meant. */
export interface Scripts {
  /** Commands by name, in the order of the file; null: it has none that can be read. */
  readonly commands: Readonly<Record<string, string>> | null;
  readonly usual: readonly string[];
}

/** Makes a configuration from a Procfile, a compose file or a package.json. Bad input is told in its diagnostics; nothing is written. */
export async function proposeConfiguration(request: ProposalRequest): Promise<Proposal> {
  const { propose } = await import("./proposal/propose.js");
  return propose(request);
}

/** The scripts of a package.json. */
export async function scriptsIn(text: string): Promise<Scripts> {
  const { readScripts, usualScripts } = await import("./proposal/propose.js");
  const commands = readScripts(text);
  return { commands, usual: usualScripts(Object.keys(commands ?? {})) };
}
