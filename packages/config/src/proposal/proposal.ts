import type { Diagnostic } from "@supervise/model";
import type { ProposalSource } from "./sources.js";

/** What a proposal is made from. */
export interface ProposalRequest {
  readonly source: ProposalSource;
  readonly text: string;
  /** Names of the other files in the directory: a lock file tells the package manager, `.env` is read. */
  readonly exists: (name: string) => boolean;
  /** For values that hold variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of package.json: the scripts that are to be services; null: those that are usual. */
  readonly scripts: readonly string[] | null;
}

/** A configuration that could be written. */
export interface Proposal {
  /** The file, with comments where something was left out. Empty: no service could be made. */
  readonly text: string;
  /** Names of the services in it. */
  readonly services: readonly string[];
  /** Which services are not in it, and why; one sentence each. The text has them too. */
  readonly left: readonly string[];
  /** Mistakes in the source; with one there is no text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** One service on its way into the text. */
export interface ProposedService {
  readonly name: string;
  readonly keys: Readonly<Record<string, unknown>>;
  /** Written above it, one line each. */
  readonly comments: readonly string[];
}
