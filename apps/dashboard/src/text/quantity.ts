const UNITS = ["B", "K", "M", "G", "T", "P"] as const;

const THOUSANDS = ["", "k", "M", "G", "T"] as const;

/** Bytes in at most five columns, by powers of 1024: "980B", "12.3M", "512M". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1);
  return `${text}${UNITS[unit] ?? ""}`;
}

/** A number in at most five columns, by powers of 1000: "999", "1.0M", "524k". */
export function formatCount(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < THOUSANDS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${text}${THOUSANDS[unit] ?? ""}`;
}

/** A time in at most six columns, as top has it: "4s", "3m12s", "5h03m", "12d04h". */
export function formatUptime(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}

/** The time of day in UTC of an ISO time: "12:34:56". */
export function clock(iso: string): string {
  return iso.slice(11, 19);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
