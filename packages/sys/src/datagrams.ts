import type { Binding } from "./binding.js";
import type { Kernel } from "./kernel.js";

/** The `FACT_...` of native/socket.c, and room for SCM_MAX_FD descriptors. */
const fact = {
  truncated: 0,
  hasSender: 1,
  pid: 2,
  uid: 3,
  gid: 4,
  descriptorCount: 5,
  list: 6,
} as const;
const mostDescriptors = 253;

const invalidArgument = -22;

type DatagramCall =
  | "datagramSocket"
  | "listenUnix"
  | "listenTcp"
  | "setBacklog"
  | "accept"
  | "socketPair"
  | "receive"
  | "send"
  | "sendTo"
  | "connectSocket"
  | "peerCredentials";

/** The calls on Unix sockets. One buffer serves all receptions; each datagram is a copy of its part. */
export function createDatagramCalls(native: Binding): Pick<Kernel, DatagramCall> {
  const facts = new Int32Array(fact.list + mostDescriptors);
  let buffer = new Uint8Array(4096);
  return {
    datagramSocket: native.datagramSocket,
    listenUnix: native.listenUnix,
    listenTcp: native.listenTcp,
    setBacklog: native.setBacklog,
    accept: native.accept,
    socketPair() {
      const pair = new Int32Array(2);
      const result = native.socketPair(pair);
      return result < 0 ? result : [pair[0] as number, pair[1] as number];
    },
    receive(fd, maxBytes) {
      if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) return invalidArgument;
      if (maxBytes > buffer.length) buffer = new Uint8Array(maxBytes);
      const count = native.receive(fd, buffer.subarray(0, maxBytes), facts);
      if (count < 0) return count;
      return {
        data: buffer.slice(0, count),
        sender:
          facts[fact.hasSender] === 1 ? credentials(facts.subarray(fact.pid, fact.pid + 3)) : null,
        descriptors: [
          ...facts.subarray(fact.list, fact.list + (facts[fact.descriptorCount] as number)),
        ],
        truncated: facts[fact.truncated] === 1,
      };
    },
    send: (fd, data, descriptors) => native.send(fd, data, Int32Array.from(descriptors)),
    sendTo: (path, data, descriptors) => native.sendTo(path, data, Int32Array.from(descriptors)),
    connectSocket: (path, type) => native.connectSocket(path, type === "stream" ? 1 : 0),
    peerCredentials(fd) {
      const ids = new Int32Array(3);
      const result = native.peerCredentials(fd, ids);
      return result < 0 ? result : credentials(ids);
    },
  };
}

/** Ids are unsigned, though they come in an array of signed numbers. */
function credentials(ids: Int32Array): { pid: number; uid: number; gid: number } {
  return { pid: ids[0] as number, uid: (ids[1] as number) >>> 0, gid: (ids[2] as number) >>> 0 };
}
