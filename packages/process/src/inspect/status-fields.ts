/** /proc/PID/status: what stands behind each key (proc_pid_status(5)). The name in it is escaped by the kernel, so that no key can be forged. */
export type StatusFields = ReadonlyMap<string, string>;

export function parseStatusFields(text: string): StatusFields {
  const fields = new Map<string, string>();
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const colon = text.indexOf(":", start);
    if (colon > start && colon < end)
      fields.set(text.slice(start, colon), text.slice(colon + 1, end).trim());
    start = end + 1;
  }
  return fields;
}

/** A number in decimal, as "12" or "12 kB"; null: no such field. */
export function numberField(fields: StatusFields, key: string): number | null {
  const match = /^-?\d+/.exec(fields.get(key) ?? "");
  return match === null ? null : Number(match[0]);
}

/** A number of kB as bytes; null: no such field (kernel threads have no memory of their own). */
export function bytesField(fields: StatusFields, key: string): number | null {
  const kilobytes = numberField(fields, key);
  return kilobytes === null ? null : kilobytes * 1024;
}

/** Several numbers in decimal; empty: no such field. */
export function numbersField(fields: StatusFields, key: string): readonly number[] {
  return (fields.get(key) ?? "").match(/\d+/g)?.map(Number) ?? [];
}
