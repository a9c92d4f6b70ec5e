import { terminalText } from "@supervise/log";
import type { LogLine } from "@supervise/model";

export interface LogTextOptions {
  /** Of the longest name that is known before the first line; a longer one that comes later makes room for itself. */
  readonly width: number;
  /** The service's name before each row. */
  readonly prefix: boolean;
  /** What would be a command to the terminal is taken out; colours stay. */
  readonly terminal: boolean;
}

/** Lines as rows of text. One for each reading: it remembers what the last rows left open. */
export interface LogText {
  row(line: LogLine): string;
  /** The newline that the last row still lacks, or nothing. */
  end(): string;
}

/**
 * A very long line comes in parts. With a prefix each part is a row, and `+` stands in place of `|` where a row goes on with the one
 * before it; without a prefix the parts are put together again.
 */
export function createLogText({ width, prefix, terminal }: LogTextOptions): LogText {
  let column = width;
  /** Streams whose last row was a part that is not the last. */
  const unfinished = new Set<string>();
  let open: string | null = null;

  const end = (): string => {
    const newline = open === null ? "" : "\n";
    open = null;
    return newline;
  };
  return {
    end,
    row: (line) => {
      const stream = `${line.service}\0${line.run}\0${line.stream}`;
      const continued = unfinished.delete(stream);
      if (line.partial) unfinished.add(stream);
      const text = terminal ? safe(line.text) : line.text;
      if (prefix) {
        column = Math.max(column, line.service.length);
        return `${line.service.padEnd(column)} ${continued ? "+" : "|"} ${text}\n`;
      }
      const before = open === stream ? "" : end();
      open = line.partial ? stream : null;
      return `${before}${text}${line.partial ? "" : "\n"}`;
    },
  };
}

function safe(text: string): string {
  const bytes = Buffer.from(text);
  return terminalText(bytes, 0, bytes.length)?.toString("utf8") ?? text;
}
