import type { ControlClient } from "@supervise/control";
import type { LogLine } from "@supervise/model";
import type { ShownLine } from "../model/log-page.js";
import type { Message } from "../model/message.js";

export interface LogStream {
  /** Follows these services from now on and no other; null: none; empty: all. The same ones again change nothing. */
  follow(names: readonly string[] | null): void;
}

/** Lines that come together are shown together, in milliseconds: a screen is not drawn for each of them. */
const GATHER_MS = 40;
/** So many of the last lines of each service begin a merged log. */
const MERGED_LINES = 200;
/** Names that are longer together do not go into the head of a request, which is limited (control.md); in characters. */
const MOST_IN_HEAD = 8_000;

/** Keeps one stream of the log open: that of what is on the screen. */
export function followLogs(options: {
  readonly client: ControlClient;
  readonly send: (message: Message) => void;
  /** Begins a stream: what tells the gravity of each of its lines, in their order. */
  readonly grade: () => (line: LogLine) => ShownLine;
  readonly signal: AbortSignal;
}): LogStream {
  const { client, send, grade, signal } = options;
  let current: { readonly key: string; readonly abort: AbortController } | null = null;
  const read = async (names: readonly string[], abort: AbortController): Promise<void> => {
    let lines: ShownLine[] = [];
    const graded = grade();
    let anew = true;
    let timer: NodeJS.Timeout | null = null;
    const tell = (): void => {
      timer = null;
      if (abort.signal.aborted) return;
      send({ type: "logs", names, anew, lines });
      anew = false;
      lines = [];
    };
    const lineCount = names.length === 1 ? null : MERGED_LINES;
    const many = names.join("&name=").length > MOST_IN_HEAD;
    const meant = new Set(names);
    timer = setTimeout(tell, GATHER_MS);
    try {
      for await (const line of client.logs(
        { names: many ? [] : names, lines: lineCount, follow: true },
        abort.signal,
      )) {
        if (many && !meant.has(line.service)) continue;
        lines.push(graded(line));
        timer ??= setTimeout(tell, GATHER_MS);
      }
    } catch {
      // The supervisor has gone, which the events tell: the lines that came stay on the screen.
    } finally {
      if (timer !== null) clearTimeout(timer);
      if (lines.length > 0) tell();
      if (current?.abort === abort) current = null;
    }
  };
  signal.addEventListener("abort", () => current?.abort.abort());
  return {
    follow(names) {
      const key = names === null ? "" : JSON.stringify(names);
      if (key === (current?.key ?? "")) return;
      current?.abort.abort();
      current = null;
      if (names === null || signal.aborted) return;
      const abort = new AbortController();
      current = { key, abort };
      void read(names, abort);
    },
  };
}
