import type { InspectedTree, ProcessFacts, Usage } from "@supervise/process";
import { maskSecret } from "./inspect-secrets.js";
import type { Shown, ShownSubject } from "./inspect-shown.js";

/** One variable in the JSON. */
export interface JsonVariable {
  readonly name: string;
  readonly value: string;
  readonly masked: boolean;
  /** The whole entry in base64, where it is no UTF-8 and nothing of it is masked. */
  readonly bytes?: string;
}

type JsonProcess = Omit<Shown, "environment"> & {
  readonly depth: number;
  readonly usage: Usage | null;
  readonly environment?:
    | { readonly known: true; readonly value: readonly JsonVariable[] }
    | Extract<ProcessFacts["environment"], { readonly known: false }>;
};

/** What --json prints; docs/commands/inspect.md tells of each field. */
export interface InspectJson {
  readonly subjects: readonly {
    readonly asked: string;
    readonly service: string | null;
    readonly why: readonly string[] | null;
    readonly mainPid: number | null;
    readonly processes: readonly JsonProcess[];
    readonly gone: InspectedTree["gone"];
  }[];
}

export function inspectJson(
  subjects: readonly ShownSubject[],
  mask: readonly string[] | null,
): InspectJson {
  return {
    subjects: subjects.map(({ asked, service, why, mainPid, members, gone }) => ({
      asked,
      service,
      why,
      mainPid,
      processes: members.map(({ depth, process, usage }) => {
        const { environment, ...facts } = process;
        return {
          depth,
          ...facts,
          usage,
          ...(environment === undefined ? {} : { environment: jsonEnvironment(environment, mask) }),
        };
      }),
      gone,
    })),
  };
}

function jsonEnvironment(
  fact: ProcessFacts["environment"],
  mask: readonly string[] | null,
): NonNullable<JsonProcess["environment"]> {
  if (!fact.known) return fact;
  return { known: true, value: fact.value.map((entry) => variableOf(entry, mask)) };
}

/** An entry without "=" is a name without a value. `mask`: patterns of names of secrets besides the usual ones; null: secrets are shown. */
export function variableOf(entry: Uint8Array, mask: readonly string[] | null): JsonVariable {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const text = bytes.toString("utf8");
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const plain = equals < 0 ? "" : text.slice(equals + 1);
  const { value, masked } =
    mask === null ? { value: plain, masked: false } : maskSecret(name, plain, mask);
  const exact = masked || Buffer.from(text, "utf8").equals(bytes);
  return { name, value, masked, ...(exact ? {} : { bytes: bytes.toString("base64") }) };
}
