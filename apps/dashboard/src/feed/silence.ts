import type { ProjectStatus } from "@supervise/model";
import type { Message } from "../model/message.js";

/** Notices a supervisor that takes connections and does not answer: one that is stopped or hangs. */
export interface Silence {
  /** The answer that `asked` is; while it is not there, the supervisor is silent. Rejects as it does. */
  until<T>(asked: Promise<T>, project: () => ProjectStatus | null): Promise<T>;
  /** Looks at the clock, now and then. */
  tick(): void;
}

/** So long an answer may take, in milliseconds: a busy machine is no silence. */
const SILENT_MS = 5_000;

/** Tells the screen that the supervisor is away once it is silent, and that it is back when it answers. */
export function createSilence(send: (message: Message) => void, now: () => number): Silence {
  let askedMs: number | null = null;
  let told = false;
  return {
    async until(asked, project) {
      askedMs = now();
      try {
        const answer = await asked;
        const known = project();
        if (told && known !== null) send({ type: "connected", project: known });
        return answer;
      } finally {
        askedMs = null;
        told = false;
      }
    },
    tick() {
      if (told || askedMs === null || now() - askedMs < SILENT_MS) return;
      told = true;
      send({ type: "away", reason: "it takes connections and does not answer" });
    },
  };
}
