import { isUtf8 } from "node:buffer";
import type { KeeperMessage } from "./messages.js";

/** The version of the protocol that this is. */
export const PROTOCOL_VERSION = 1;

/** Bytes of the longest packet. */
export const LONGEST_PACKET: number = 8 + 8_192;

/** A packet that is no message. `reason` says what is wrong with it. */
export interface BadPacket {
  readonly type: "bad";
  readonly reason: string;
}

/** Of a fixed-size field: `time` is nanoseconds on the wire, milliseconds here. */
type Kind = "u64" | "i64" | "time" | "u32" | "i32";

type Field = readonly [name: string, kind: Kind];

interface Layout {
  readonly number: number;
  readonly fields: readonly Field[];
  /** Name of the text that takes the rest of the packet; null: nothing follows. */
  readonly rest: string | null;
}

const SIZES: Readonly<Record<Kind, number>> = { u64: 8, i64: 8, time: 8, u32: 4, i32: 4 };

const HEADER_BYTES = 8;
const NAME_BYTES = 63;

/** 64-bit fields stand first, so that all are aligned. */
const LAYOUTS: Readonly<Record<KeeperMessage["type"], Layout>> = {
  hello: {
    number: 1,
    fields: [
      ["previousEndedAtMs", "time"],
      ["exitsLost", "u64"],
      ["signalsLost", "u64"],
      ["version", "u32"],
      ["generation", "u32"],
      ["previousEnd", "u32"],
      ["previousStatus", "i32"],
      ["initPid", "i32"],
      ["flags", "u32"],
      ["openFiles", "i32"],
    ],
    rest: null,
  },
  held: { number: 2, fields: [], rest: "name" },
  begin: { number: 3, fields: [], rest: null },
  exit: {
    number: 4,
    fields: [
      ["number", "u64"],
      ["atMs", "time"],
      ["userCpuMicros", "u64"],
      ["systemCpuMicros", "u64"],
      ["maxRssBytes", "u64"],
      ["pid", "i32"],
      ["code", "i32"],
      ["status", "i32"],
    ],
    rest: null,
  },
  signal: {
    number: 5,
    fields: [
      ["number", "u64"],
      ["atMs", "time"],
      ["value", "i64"],
      ["signal", "i32"],
      ["code", "i32"],
      ["senderPid", "i32"],
      ["senderUid", "u32"],
    ],
    rest: null,
  },
  ping: { number: 6, fields: [["number", "u64"]], rest: null },
  refused: {
    number: 7,
    fields: [
      ["errno", "i32"],
      ["refusedType", "u32"],
    ],
    rest: "name",
  },
  ready: { number: 64, fields: [], rest: null },
  acknowledge: {
    number: 65,
    fields: [
      ["exits", "u64"],
      ["signals", "u64"],
    ],
    rest: null,
  },
  pong: { number: 66, fields: [["number", "u64"]], rest: null },
  deposit: { number: 67, fields: [], rest: "name" },
  withdraw: { number: 68, fields: [], rest: "name" },
  settings: {
    number: 69,
    fields: [
      ["graceMs", "u32"],
      ["pingEveryMs", "u32"],
      ["pingLimitMs", "u32"],
    ],
    rest: "terminationLog",
  },
  finished: { number: 70, fields: [["exitCode", "i32"]], rest: "reason" },
  upgrade: { number: 71, fields: [], rest: null },
};

const BY_NUMBER: ReadonlyMap<number, KeeperMessage["type"]> = new Map(
  (Object.keys(LAYOUTS) as KeeperMessage["type"][]).map((type) => [LAYOUTS[type].number, type]),
);

/** The protocol has the machine's byte order. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const NANOSECONDS = 1_000_000n;

/** One packet. Text that would make it too long is cut. */
export function encodeMessage(message: KeeperMessage): Uint8Array {
  const layout = LAYOUTS[message.type];
  const values = message as unknown as Readonly<Record<string, number | bigint | string>>;
  const rest = Buffer.from(layout.rest === null ? "" : String(values[layout.rest]));
  const fixed = fixedSize(layout);
  const room = LONGEST_PACKET - HEADER_BYTES - fixed;
  const text = rest.subarray(0, room);
  const bytes = new Uint8Array(HEADER_BYTES + fixed + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, layout.number, LITTLE_ENDIAN);
  view.setUint32(4, fixed + text.length, LITTLE_ENDIAN);
  let at = HEADER_BYTES;
  for (const [name, kind] of layout.fields) {
    writeField(view, at, kind, values[name] as number | bigint);
    at += SIZES[kind];
  }
  bytes.set(text, at);
  return bytes;
}

/** The message of one packet, or what is wrong with it. Never throws. */
export function decodeMessage(bytes: Uint8Array): KeeperMessage | BadPacket {
  if (bytes.length < HEADER_BYTES)
    return bad(`a packet of ${bytes.length} bytes has no whole header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = view.getUint32(0, LITTLE_ENDIAN);
  const length = view.getUint32(4, LITTLE_ENDIAN);
  const type = BY_NUMBER.get(number);
  if (type === undefined) return bad(`there is no message of type ${number}`);
  const layout = LAYOUTS[type];
  const name = type.toUpperCase();
  const found = bytes.length - HEADER_BYTES;
  if (length !== found) return bad(`${name} says ${length} bytes and has ${found}`);
  const fixed = fixedSize(layout);
  if (length < fixed || (layout.rest === null && length > fixed))
    return bad(`${name} has ${length} bytes instead of ${fixed}`);
  const values: Record<string, number | bigint | string> = { type };
  let at = HEADER_BYTES;
  for (const [field, kind] of layout.fields) {
    values[field] = readField(view, at, kind);
    at += SIZES[kind];
  }
  if (layout.rest !== null) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length - fixed);
    if (!isUtf8(text)) return bad(`${name} has a ${layout.rest} that is not UTF-8`);
    if (layout.rest === "name" && (length === fixed || length - fixed > NAME_BYTES))
      // A refusal may concern a message that has no name.
      if (type !== "refused" || length > fixed) return bad(`${name} has a name of ${length} bytes`);
    values[layout.rest] = text.toString();
  }
  return values as unknown as KeeperMessage;
}

/** What a REFUSED calls the message that it is about. */
export function nameOfType(number: number): string {
  return BY_NUMBER.get(number)?.toUpperCase() ?? `type ${number}`;
}

function fixedSize({ fields }: Layout): number {
  return fields.reduce((size, [, kind]) => size + SIZES[kind], 0);
}

function readField(view: DataView, at: number, kind: Kind): number | bigint {
  switch (kind) {
    case "u64":
      return Number(view.getBigUint64(at, LITTLE_ENDIAN));
    case "i64":
      return view.getBigInt64(at, LITTLE_ENDIAN);
    case "time": {
      const nanoseconds = view.getBigUint64(at, LITTLE_ENDIAN);
      return Number(nanoseconds / NANOSECONDS) + Number(nanoseconds % NANOSECONDS) / 1e6;
    }
    case "u32":
      return view.getUint32(at, LITTLE_ENDIAN);
    case "i32":
      return view.getInt32(at, LITTLE_ENDIAN);
  }
}

function writeField(view: DataView, at: number, kind: Kind, value: number | bigint): void {
  switch (kind) {
    case "u64":
      return view.setBigUint64(at, BigInt(value), LITTLE_ENDIAN);
    case "i64":
      return view.setBigInt64(at, BigInt(value), LITTLE_ENDIAN);
    case "time": {
      const ms = Number(value);
      const whole = Math.floor(ms);
      const nanoseconds = BigInt(whole) * NANOSECONDS + BigInt(Math.round((ms - whole) * 1e6));
      return view.setBigUint64(at, nanoseconds, LITTLE_ENDIAN);
    }
    case "u32":
      return view.setUint32(at, Number(value), LITTLE_ENDIAN);
    case "i32":
      return view.setInt32(at, Number(value), LITTLE_ENDIAN);
  }
}

function bad(reason: string): BadPacket {
  return { type: "bad", reason };
}
