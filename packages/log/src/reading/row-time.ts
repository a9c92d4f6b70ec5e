const digitZero = 0x30;
/** TAI64 counts from 2^62 at the beginning of 1970 TAI. */
const taiEpoch = 2n ** 62n;
/** TAI was ahead of UTC by so many seconds when its count of leap seconds began; `tai64n` and multilog write this constant difference. */
const taiAheadSeconds = 10;
/** `2026-01-02T03:04:05` */
const secondLength = 19;
const label = /^@([0-9a-f]{16})([0-9a-f]{8})$/;

/** Reads the times that rows begin with. Remembers the last second: rows of one second are the rule. */
export class RowTimes {
  readonly #last: Buffer = Buffer.alloc(secondLength);
  #lastMicros: number | null = null;

  /**
   * Microseconds since the epoch of an ISO 8601 time with its zone (`Z`, `+01:00`), or of a TAI64N label; null where the bytes are neither.
   */
  read(bytes: Buffer, start: number, end: number): number | null {
    if (bytes[start] === 0x40) return readTai(bytes.toString("latin1", start, end));
    if (end - start <= secondLength) return null;
    const second = this.#second(bytes, start);
    if (second === null) return null;
    let at = start + secondLength;
    let fraction = 0;
    if (bytes[at] === 0x2e || bytes[at] === 0x2c) {
      at += 1;
      let scale = 100_000;
      const first = at;
      for (; at < end && isDigit(bytes[at]); at += 1) {
        fraction += ((bytes[at] ?? 0) - digitZero) * scale;
        scale = scale === 1 ? 0 : scale / 10;
      }
      if (at === first) return null;
    }
    const zone = zoneMinutes(bytes, at, end);
    return zone === null ? null : second - zone * 60_000_000 + fraction;
  }

  #second(bytes: Buffer, start: number): number | null {
    const stop = start + secondLength;
    if (this.#lastMicros !== null && this.#last.compare(bytes, start, stop) === 0)
      return this.#lastMicros;
    const micros = readSecond(bytes.toString("latin1", start, stop));
    if (micros === null) return null;
    bytes.copy(this.#last, 0, start, stop);
    this.#lastMicros = micros;
    return micros;
  }
}

function readSecond(text: string): number | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}$/.test(text)) return null;
  const millis = Date.parse(`${text.slice(0, 10)}T${text.slice(11)}Z`);
  return Number.isNaN(millis) ? null : millis * 1000;
}

/** Minutes east of UTC. */
function zoneMinutes(bytes: Buffer, at: number, end: number): number | null {
  if (end - at === 1) return bytes[at] === 0x5a ? 0 : null;
  const found = /^([+-])([0-9]{2}):?([0-9]{2})$/.exec(
    bytes.toString("latin1", at, Math.min(end, at + 7)),
  );
  if (found === null) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === "-" ? -minutes : minutes;
}

function readTai(text: string): number | null {
  const found = label.exec(text);
  if (found === null) return null;
  const seconds = Number(BigInt(`0x${found[1]}`) - taiEpoch) - taiAheadSeconds;
  const micros = Math.floor(Number.parseInt(found[2] ?? "", 16) / 1000);
  return micros < 1_000_000 && Math.abs(seconds) < 8e12 ? seconds * 1e6 + micros : null;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= digitZero && byte <= 0x39;
}
