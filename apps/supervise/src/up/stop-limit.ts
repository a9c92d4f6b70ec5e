import { writeSync } from "node:fs";
import { formatDuration, type Cause } from "@supervise/model";
import { readDepositedFile, type Keeper } from "@supervise/process";
import type { Core } from "@supervise/supervisor";
import type { Kernel } from "@supervise/sys";

/** Name of the deposit that says by when the stop of everything has to be over. */
const DEPOSIT = "stop";

/**
 * Kills what is left once an orderly stop of everything has taken so long, in milliseconds. The time counts from the first request on, also when the
 * supervisor dies on the way: the deadline is deposited with the keeper as soon as it is known. Returns the undo.
 */
export function limitStop(
  core: Core,
  limitMs: number,
  kernel: Pick<Kernel, "memoryFile" | "close">,
  keeper: Keeper | null,
): () => void {
  let timer: NodeJS.Timeout | null = null;
  const inherited = inheritedDeadline(kernel, keeper);
  const begin = (): void => {
    if (timer !== null || !core.engine.shuttingDown) return;
    const nowMs = core.room.monotonicMs();
    const deadlineMs = inherited ?? nowMs + limitMs;
    if (inherited === null) depositDeadline(kernel, keeper, deadlineMs);
    timer = setTimeout(
      () => {
        core.room.warn(
          null,
          `The stop has taken ${formatDuration(limitMs)}, its limit: what is left is killed`,
        );
        core.room.post({ type: "shutDownNow", cause: causeOf(core) });
      },
      Math.max(0, deadlineMs - nowMs),
    );
  };
  const unlisten = core.onChange(begin);
  // One that was under way goes on before anybody could listen.
  begin();
  return () => {
    unlisten();
    if (timer !== null) clearTimeout(timer);
  };
}

/** Monotonic milliseconds, which hold for as long as the keeper lives: it is of the same boot. Null: no stop had begun. */
function inheritedDeadline(kernel: Pick<Kernel, "close">, keeper: Keeper | null): number | null {
  const [fd] = keeper?.take(DEPOSIT) ?? [];
  if (fd === undefined) return null;
  const deadlineMs = Number(readDepositedFile(fd).toString() || Number.NaN);
  kernel.close(fd);
  return Number.isFinite(deadlineMs) ? deadlineMs : null;
}

function depositDeadline(
  kernel: Pick<Kernel, "memoryFile" | "close">,
  keeper: Keeper | null,
  deadlineMs: number,
): void {
  if (keeper === null) return;
  const fd = kernel.memoryFile("supervise-stop");
  // Without memory for it the next supervisor counts anew.
  if (fd < 0) return;
  try {
    writeSync(fd, String(deadlineMs));
    keeper.deposit(DEPOSIT, [fd]);
  } finally {
    kernel.close(fd);
  }
}

/** It is still the stop that somebody has asked for. */
function causeOf(core: Core): Cause {
  const causes = Array.from(core.engine.snapshots(), ({ wantedBy }) => wantedBy);
  return causes.find(({ kind }) => kind === "signal" || kind === "shutdown") ?? { kind: "policy" };
}
