/**
 * Why a fact is not known. "forbidden": the kernel tells it only to the same user, to root, or to who may trace the process. "ended": the process
 * is gone, or a zombie that has given back what was asked for. "unsupported": this kernel or this kind of process has no such thing.
 */
export type Unknown = "forbidden" | "ended" | "unsupported";

/** What the kernel said when it was asked, or why it did not. Nothing else of a snapshot is lost with it. */
export type Fact<Value> =
  | { readonly known: true; readonly value: Value }
  | { readonly known: false; readonly why: Unknown };

export function known<Value>(value: Value): Fact<Value> {
  return { known: true, value };
}

export function unknown(why: Unknown): { readonly known: false; readonly why: Unknown } {
  return { known: false, why };
}

/** The value, or null where it is not known. */
export function valueOr<Value>(fact: Fact<Value>): Value | null {
  return fact.known ? fact.value : null;
}

/** The same fact told in another way. `undefined`: what the kernel said cannot be understood. */
export function mapFact<From, To>(
  fact: Fact<From>,
  convert: (value: From) => To | undefined,
): Fact<To> {
  if (!fact.known) return fact;
  const value = convert(fact.value);
  return value === undefined ? unknown("unsupported") : known(value);
}

const EPERM = -1;
const ESRCH = -3;
export const EACCES = -13;

/** What a negative errno means for a file of /proc/PID; a file that is not there says so by ENOENT, whether the process ended or never had it. */
export function unknownOf(errno: number, alive: () => boolean): Unknown {
  if (errno === EPERM || errno === EACCES) return "forbidden";
  if (errno === ESRCH) return "ended";
  return alive() ? "unsupported" : "ended";
}
