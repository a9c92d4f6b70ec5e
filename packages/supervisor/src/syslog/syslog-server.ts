import { maxLineBytes } from "@supervise/log";
import { parseSyslog, repeatedText, repeatKey, type ParsedSyslog } from "@supervise/model";
import type { Keeper } from "@supervise/process";
import type { Datagram } from "@supervise/sys";
import type { LiveRun } from "../live-run.js";
import { claimSocket, releaseSocket, type ClaimedSocket } from "./claim-socket.js";
import { createHeldConnections } from "./held-connections.js";
import { messageLines } from "./message-lines.js";
import { createRepeats } from "./repeats.js";
import { createSenders, type Sender } from "./senders.js";
import { createStrangeMessages } from "./strange-messages.js";
import type { SyslogRoom, SyslogTrees } from "./syslog-room.js";
import { createSyslogStreams, type StreamClient, type SyslogStreams } from "./syslog-streams.js";

/** Messages read in one turn, so that a flood leaves room for everybody else; whoever sends more waits in its own send(2). */
const MESSAGES_PER_TURN = 64;
/** What the queue of the socket can hold (net.unix.max_dgram_qlen), and more than a sender that goes on can add meanwhile. */
const MESSAGES_PER_DRAIN = 1_024;
/** With the keeper. */
const DEPOSIT = "syslog";
const STREAM_DEPOSIT = "syslog-stream";

/** Null or absent: no such socket. */
export interface ServedPaths {
  readonly syslogPath: string | null;
  readonly syslogStreamPath?: string;
}

/** The syslog socket for the services, in place of a syslog daemon. */
export interface SyslogServer {
  /** Serves these paths from now on, and no other. A socket that can't be had is told, and the services go on. */
  serve(paths: ServedPaths): void;
  /** Reads what has been sent so far. Before an ended process is collected: after that nobody knows any more whose its last words were. */
  drain(): void;
  /** A run is over: what was counted of it is told. */
  ended(run: LiveRun): void;
  /** Messages received, and those of no known service. */
  readonly counts: { readonly received: number; readonly strange: number };
  /** Ends it and takes the socket away. */
  close(): void;
}

interface Received extends Sender {
  readonly priority: number;
}

export function createSyslogServer(
  room: SyslogRoom,
  trees: SyslogTrees,
  keeper: Keeper | null,
  ownPid: number = process.pid,
): SyslogServer {
  const held = createHeldConnections(keeper);
  const senders = createSenders(room, trees);
  const strange = createStrangeMessages(room);
  const repeats = createRepeats<Received>(room.monotonicMs, (name, { run, priority }, times) => {
    const bytes = Buffer.from(`${repeatedText(times)}\n`);
    room.hub.takeMessage(name, { run, priority, bytes, cut: false });
  });
  let socket: ClaimedSocket | null = null;
  let unwatch: (() => void) | null = null;
  let streamSocket: ClaimedSocket | null = null;
  let streams: SyslogStreams | null = null;
  let received = 0;
  let toldOfLoop = false;

  const take = ({ data, sender, descriptors, truncated }: Datagram): void => {
    for (const passed of descriptors) room.kernel.close(passed);
    const cut = truncated && data.length === maxLineBytes;
    takeMessage(data, cut, { credentials: sender, owner: null });
  };

  const takeMessage = (data: Uint8Array, cut: boolean, from: StreamClient): void => {
    const { credentials } = from;
    if (credentials?.pid === ownPid) return tellLoop();
    received += 1;
    const message = parseSyslog(data, { host: "none" });
    from.owner ??= senders.of(credentials, message.app);
    if (from.owner === null || !hand(from.owner, message, data, cut))
      strange.tell(message, credentials);
  };

  const isBlocked = (): boolean => {
    senders.forgetTurn();
    if (!room.hub.blocked) return false;
    room.hub.pause({ resume: () => streams?.resume() });
    return true;
  };

  /** False: the service has left the configuration meanwhile. */
  const hand = (
    owner: Sender,
    message: ParsedSyslog,
    data: Uint8Array,
    truncated: boolean,
  ): boolean => {
    const { name, run } = owner;
    const priority = message.facility * 8 + message.level;
    if (!repeats.offer(name, repeatKey(message), { name, run, priority })) return true;
    const lines = messageLines(message, data, truncated);
    return room.hub.takeMessage(name, { run, priority, ...lines });
  };

  /** Another name of our own socket stands as the address of a service's log: without this its lines would go round for ever. */
  const tellLoop = (): void => {
    if (toldOfLoop) return;
    toldOfLoop = true;
    room.warn(
      null,
      `A service sends its log to "${socket?.path ?? ""}", the syslog socket that is served here; such messages are left out`,
    );
  };

  const read = (most: number): void => {
    if (socket === null) return;
    senders.forgetTurn();
    for (let count = 0; count < most; count += 1) {
      const datagram = room.kernel.receive(socket.fd, maxLineBytes);
      if (typeof datagram === "number") return;
      take(datagram);
    }
  };

  const rest = (): void => {
    unwatch?.();
    unwatch = null;
  };
  const watch = (): void => {
    if (socket === null || unwatch !== null) return;
    unwatch = room.watcher.readable(socket.fd, () => {
      if (!room.hub.blocked) return read(MESSAGES_PER_TURN);
      // A socket that stays readable would wake the loop for ever.
      rest();
      room.hub.pause({ resume: watch });
    });
  };

  const release = (): void => {
    if (socket === null) return;
    read(MESSAGES_PER_DRAIN);
    rest();
    if (keeper?.connected === true) keeper.withdraw(DEPOSIT);
    releaseSocket(room.kernel, socket);
    socket = null;
  };

  const releaseStreams = (): void => {
    if (streamSocket === null) return;
    streams?.close();
    streams = null;
    if (keeper?.connected === true) keeper.withdraw(STREAM_DEPOSIT);
    releaseSocket(room.kernel, streamSocket);
    streamSocket = null;
  };

  const serveStreams = (path: string | null): void => {
    const listening = keeper?.take(STREAM_DEPOSIT)?.[0] ?? null;
    const inherited = held.take();
    if (path === (streamSocket?.path ?? null)) return;
    releaseStreams();
    const claimed = path === null ? null : claimSocket(room, path, listening, "stream");
    if (claimed === null || typeof claimed === "string") {
      if (claimed === null && listening !== null) room.kernel.close(listening);
      for (const connection of inherited) {
        room.kernel.close(connection.fd);
        held.forget(connection);
      }
      if (path !== null && typeof claimed === "string") tellUnserved(path, claimed);
      return;
    }
    streamSocket = claimed;
    keeper?.deposit(STREAM_DEPOSIT, [claimed.fd]);
    const { fd } = claimed;
    streams = createSyslogStreams({
      ...{ room, fd, held, inherited },
      take: takeMessage,
      blocked: isBlocked,
    });
  };

  const tellUnserved = (path: string, why: string): void =>
    room.warn(null, `Cannot serve syslog socket "${path}": ${why}; the services go on without`);

  return {
    serve: ({ syslogPath: path, syslogStreamPath = null }) => {
      serveStreams(syslogStreamPath);
      const inherited = keeper?.take(DEPOSIT)?.[0] ?? null;
      if (path === socket?.path) return;
      release();
      if (path === null) {
        if (inherited !== null) room.kernel.close(inherited);
        return;
      }
      const claimed = claimSocket(room, path, inherited);
      if (typeof claimed === "string") return tellUnserved(path, claimed);
      socket = claimed;
      keeper?.deposit(DEPOSIT, [socket.fd]);
      watch();
    },
    drain: () => {
      read(MESSAGES_PER_DRAIN);
      streams?.drain();
    },
    ended: ({ name }) => repeats.end(name),
    get counts() {
      return { received, strange: strange.count };
    },
    close: () => {
      release();
      releaseStreams();
      repeats.close();
      strange.close();
    },
  };
}
