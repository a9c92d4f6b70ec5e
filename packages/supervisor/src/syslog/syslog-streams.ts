import { maxLineBytes } from "@supervise/log";
import type { PeerCredentials } from "@supervise/sys";
import type { HeldConnection, HeldConnections } from "./held-connections.js";
import type { Sender } from "./senders.js";
import { createStreamFrames, type StreamFrames } from "./stream-frames.js";
import type { SyslogRoom } from "./syslog-room.js";

/** A client of the stream socket. */
export interface StreamClient {
  /** Of the process that has connected, by the kernel's word (SO_PEERCRED); null: it does not tell. */
  readonly credentials: PeerCredentials | null;
  /** Whose it was found to be: that holds for as long as the connection does, whoever uses it. */
  owner: Sender | null;
}

export interface SyslogStreams {
  /** What has been sent so far, those who have just connected included. */
  drain(): void;
  /** Reads on, after a pause. */
  resume(): void;
  /** Reads the rest and ends all connections; the listening socket stays its owner's. */
  close(): void;
}

export interface StreamsPort {
  readonly room: SyslogRoom;
  /** It listens. */
  readonly fd: number;
  readonly held: HeldConnections;
  /** Of the supervisor before: its clients go on without noticing. */
  readonly inherited: readonly HeldConnection[];
  readonly take: (data: Uint8Array, cut: boolean, client: StreamClient) => void;
  /** Nothing can be taken now: `resume` is to be called when it can. */
  readonly blocked: () => boolean;
}

/** Beyond these a client waits in the queue of the listening socket, without harm to anybody else. */
const MOST_CLIENTS = 256;
const BYTES_PER_READ = 16 * 1024;
/** Of one client, when all that was sent is wanted: more than the buffer of its socket holds. */
const READS_PER_DRAIN = 64;

interface Connection {
  readonly held: HeldConnection;
  readonly client: StreamClient;
  readonly frames: StreamFrames;
  unwatch: (() => void) | null;
}

/** Serves the clients of a stream socket: a read for each that has sent something in a turn, so that no flood keeps others waiting. */
export function createSyslogStreams(port: StreamsPort): SyslogStreams {
  const { room, fd, held, take, blocked } = port;
  const { kernel, watcher } = room;
  const connections = new Set<Connection>();
  const bytes = Buffer.alloc(BYTES_PER_READ);
  let unlisten: (() => void) | null = null;

  const accept = (): void => {
    while (connections.size < MOST_CLIENTS) {
      const accepted = kernel.accept(fd);
      if (accepted < 0) return;
      add(held.keep(accepted));
    }
    unlisten?.();
    unlisten = null;
  };

  const add = (one: HeldConnection): void => {
    const credentials = kernel.peerCredentials(one.fd);
    const connection: Connection = {
      held: one,
      client: { credentials: typeof credentials === "number" ? null : credentials, owner: null },
      frames: createStreamFrames(maxLineBytes),
      unwatch: null,
    };
    connections.add(connection);
    watch(connection);
  };

  const end = (connection: Connection): void => {
    const { frames, client } = connection;
    frames.end((data, cut) => take(data, cut, client));
    connection.unwatch?.();
    kernel.close(connection.held.fd);
    held.forget(connection.held);
    connections.delete(connection);
    listen();
  };

  /** False: there is nothing more for now. */
  const read = (connection: Connection): boolean => {
    const count = kernel.read(connection.held.fd, bytes, 0, bytes.length);
    if (count === EAGAIN) return false;
    const { frames, client } = connection;
    if (count > 0) frames.push(bytes.subarray(0, count), (data, cut) => take(data, cut, client));
    else end(connection);
    return count > 0;
  };

  const rest = (): void => {
    unlisten?.();
    unlisten = null;
    for (const connection of connections) {
      connection.unwatch?.();
      connection.unwatch = null;
    }
  };

  const watch = (connection: Connection): void => {
    connection.unwatch ??= watcher.readable(connection.held.fd, () => {
      if (blocked()) rest();
      else read(connection);
    });
  };

  const listen = (): void => {
    unlisten ??= watcher.readable(fd, () => {
      if (blocked()) rest();
      else accept();
    });
  };

  const drain = (): void => {
    accept();
    for (const connection of connections)
      for (let count = 0; count < READS_PER_DRAIN && read(connection); count += 1);
  };

  for (const one of port.inherited) add(one);
  listen();
  return {
    drain,
    resume: () => {
      listen();
      for (const connection of connections) watch(connection);
    },
    close: () => {
      drain();
      for (const connection of connections) end(connection);
      rest();
    },
  };
}

const EAGAIN = -11;
