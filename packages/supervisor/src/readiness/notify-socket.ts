import { readStat } from "@supervise/process";
import { errnoName, errnoText, type PeerCredentials } from "@supervise/sys";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import type { Trees } from "../trees.js";
import { parseNotifyMessage, type NotifyMessage } from "./notify-message.js";

/** Largest datagram that is read; sd_notify(3) itself knows no larger. */
const MESSAGE_LIMIT = 4_096;
/** Datagrams read in one turn, so that a flood leaves room for everybody else. */
const MESSAGES_PER_TURN = 64;

export interface NotifySocket {
  /** For the service's environment. */
  readonly environment: readonly string[];
  readonly fd: number;
  /** Begins to listen for a run that was spawned; returns the undo, which also removes the socket. */
  listen(live: LiveRun, onMessage: (message: NotifyMessage) => void): () => void;
  /** Removes the socket where the spawn failed. */
  discard(): void;
}

/**
 * One socket for each run, so that a message is known to be the run's even when its short-lived sender (systemd-notify) has already ended.
 * `bound`: the socket itself, where an earlier supervisor has made it; messages that nobody has read wait in it. Null with a warning where no place can be
 * written.
 */
export function openNotifySocket(
  room: Room,
  trees: Trees,
  service: string,
  run: number,
  bound: number | null = null,
): NotifySocket | null {
  if (room.runtimeDirectory === null) {
    room.warn(
      service,
      "Cannot make a notify socket: no writable runtime directory; name one with --runtime-dir",
    );
    return null;
  }
  const path = `${room.runtimeDirectory}/${service}.${run}.notify`;
  if (bound === null) room.kernel.unlink(path);
  // Open to all: the service may run as any user. Who may speak is decided by the sender's credentials.
  const fd = bound ?? room.kernel.datagramSocket(path, 0o666);
  if (fd < 0) {
    room.warn(service, `Cannot make notify socket "${path}": ${errnoText(fd)} (${errnoName(fd)})`);
    return null;
  }
  const discard = (): void => {
    room.kernel.close(fd);
    room.kernel.unlink(path);
  };
  return {
    environment: [`NOTIFY_SOCKET=${path}`],
    fd,
    discard,
    listen: (live, onMessage) => {
      const unwatch = room.watcher.readable(fd, () => {
        for (let count = 0; count < MESSAGES_PER_TURN; count += 1) {
          const datagram = room.kernel.receive(fd, MESSAGE_LIMIT);
          if (typeof datagram === "number") return;
          for (const passed of datagram.descriptors) room.kernel.close(passed);
          if (mayNotify(room, trees, live, datagram.sender))
            onMessage(parseNotifyMessage(datagram.data));
        }
      });
      return () => {
        unwatch();
        discard();
      };
    },
  };
}

/** A sender in the run's tree, or one that has ended already and so can't be looked at: it had found the run's own socket. */
function mayNotify(
  room: Room,
  trees: Trees,
  live: LiveRun,
  sender: PeerCredentials | null,
): boolean {
  if (sender === null) return false;
  if (sender.pid === live.mainPid || readStat(room.proc, sender.pid) === null) return true;
  return trees.members(live).includes(sender.pid);
}
