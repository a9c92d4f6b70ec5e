import { serveControl } from "@supervise/control";
import type { Keeper } from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import { keptSocket } from "./kept-socket.js";
import type { Session } from "./session.js";
import { CONTROL_SOCKET } from "../control-socket.js";

/** The listening socket, with the keeper. */
const DEPOSIT = "control";

/** Serves the control socket in `directory`. A socket that can't be made is told, and the services go on. Returns its end. */
export async function serve(
  kernel: Kernel,
  session: Session,
  directory: string,
  keeper: Keeper | null,
): Promise<() => Promise<void>> {
  const path = `${directory}/${CONTROL_SOCKET}`;
  try {
    const server = await serveControl(session.target, {
      path,
      ownUid: process.geteuid?.() ?? 0,
      peer: (fd) => {
        const peer = kernel.peerCredentials(fd);
        return typeof peer === "number" ? null : peer;
      },
      onWarning: (message) => session.core.room.warn(null, message),
      ...keptSocket(keeper, DEPOSIT),
    });
    return () => server.close();
  } catch (error) {
    session.core.room.warn(
      null,
      `Cannot serve control socket "${path}": ${error instanceof Error ? error.message : String(error)}; the services go on without`,
    );
    return () => Promise.resolve();
  }
}
