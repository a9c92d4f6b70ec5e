/** One option of a verb, for the parser, for --help and for completion alike. */
export interface OptionSpec {
  /** Without dashes: "runtime-dir". */
  readonly long: string;
  /** One character; null: none. */
  readonly short: string | null;
  /** Name of its value for --help ("FILE"); null: it is a switch. */
  readonly value: string | null;
  readonly repeatable: boolean;
  /** One line. */
  readonly help: string;
}

/** What was given: a switch is `true`, a repeatable option a list (of empty values for a switch), another one its last value. */
export type OptionValues = Readonly<Record<string, string | true | readonly string[] | undefined>>;

/** Where a verb reads and writes; handed in, so that tests can look. */
export interface VerbIo {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** Is stdout a terminal? */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal that stdout or else stderr is; null: neither is one, or it does not tell. */
  readonly columns: () => number | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  /** Null: nobody is there, or it is no time for questions (CI, the background of a shell). */
  readonly openDialog: () => Dialog | null;
}

/** Somebody at a terminal who can be asked. */
export interface Dialog {
  /** Shows the question and returns what was typed, without the end of the line; null: nothing more will be. */
  ask(question: string): string | null;
}

export interface VerbContext {
  /** Every verb, for completion: loading them all is no part of an ordinary run. */
  readonly allVerbs: () => Promise<readonly Verb[]>;
  readonly io: VerbIo;
  readonly options: OptionValues;
  /** Words that are no options. */
  readonly words: readonly string[];
  /** The command behind `--`, for a verb that takes one; null: there was no `--`. */
  readonly rest: readonly string[] | null;
  /** Of the program. */
  readonly version: string;
}

/** A subcommand. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Behind the name: "[NAME...]". Empty: no word is taken, and one that is given is refused. */
  readonly usage: string;
  /** Words behind `--` are a command and go to `rest`. For other verbs they are words like those before. */
  readonly takesCommand?: true;
  /** Besides the options of every verb. */
  readonly options: readonly OptionSpec[];
  /** Returns the exit code. A thrown `CommandError` is printed and gives its own. */
  readonly run: (context: VerbContext) => Promise<number>;
}

/** What the list of verbs needs; the verb itself is loaded when it is called. */
export interface VerbEntry {
  readonly name: string;
  readonly load: () => Promise<Verb>;
}

/** Exit codes of sysexits(3) that are used here: wrong usage, bad configuration. */
export const EXIT_USAGE = 64;
export const EXIT_CONFIGURATION = 78;

/** An error for people: printed as one line and its hint, without a stack. */
export class CommandError extends Error {
  readonly exitCode: number;
  readonly hint: string | null;

  constructor(
    message: string,
    options: {
      readonly exitCode?: number;
      readonly hint?: string | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CommandError";
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint ?? null;
  }
}
