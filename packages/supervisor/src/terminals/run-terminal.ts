import { fchownSync } from "node:fs";
import { errnoName, type Kernel, type OutputPipe, type Result } from "@supervise/sys";

/** Of a terminal that nobody has attached to yet, as every terminal once had it. */
const COLUMNS = 80;
const ROWS = 24;

type TerminalKernel = Pick<Kernel, "openPty" | "setNonBlocking" | "duplicate" | "close">;

/** Why a run gets no terminal: the step, and the errno's name. */
export interface NoTerminal {
  readonly stage: string;
  readonly errno: string;
}

/**
 * A new terminal in the shape of two output pipes. The first: the controller, ours, and the terminal, the child's. The second holds the terminal open for us and gives the
 * child nothing: while a program has closed every descriptor of its terminal the controller would report its end, and to close it then would be SIGHUP for the session.
 * Terminals have no inode by which the tree could be known: 0. `uid` is the service's own, who must be able to open the terminal by its name; null: ours.
 */
export function openRunTerminal(
  kernel: TerminalKernel,
  uid: number | null,
): { readonly stdout: OutputPipe; readonly stderr: OutputPipe } | NoTerminal {
  const pty = kernel.openPty(COLUMNS, ROWS);
  if (typeof pty === "number") return { stage: "making its terminal", errno: errnoName(pty) };
  const { controller, terminal } = pty;
  const give = (stage: string, errno: string): NoTerminal => {
    kernel.close(controller);
    kernel.close(terminal);
    return { stage, errno };
  };
  const denied = uid === null ? null : chown(terminal, uid);
  if (denied !== null) return give("giving its terminal to its user", denied);
  const held = kernel.duplicate(terminal);
  if (held < 0) return give("making its terminal", errnoName(held));
  kernel.setNonBlocking(controller, true);
  return {
    stdout: { read: controller, child: terminal, inode: 0 },
    stderr: { read: held, child: -1, inode: 0 },
  };
}

/** The name of the errno; null: done. The group, by which write(1) and wall(1) get in, stays. */
function chown(fd: number, uid: number): string | null {
  try {
    fchownSync(fd, uid, -1);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

/**
 * The child's end of a standard input that stays open: a pipe that it holds for reading and writing itself, so that it has no end, whoever dies. Who writes
 * into it opens it through /proc, and nothing of it is ours. A negative errno where that is not possible.
 */
export function openRunInput(kernel: Pick<Kernel, "outputPipe" | "close">): Result {
  const pipe = kernel.outputPipe();
  if (typeof pipe === "number") return pipe;
  kernel.close(pipe.read);
  return pipe.child;
}
