import type { Diagnostic } from "@supervise/model";

/**
 * The diagnostic as one sentence, and its hint on a second line:
 * `cannot read "supervise.yaml", line 7, column 14: stop_grace_period must be a duration such as 10s, found "many"`.
 * A diagnostic about a file as a whole has line 0 and names no line.
 */
export function describeDiagnostic(diagnostic: Diagnostic): string {
  const { severity, file, line, column, message, hint } = diagnostic;
  const place = line === 0 ? `"${file}"` : `"${file}", line ${line}, column ${column}`;
  const sentence =
    severity === "error" ? `cannot read ${place}: ${message}` : `warning: ${place}: ${message}`;
  return hint === null ? sentence : `${sentence}\n  hint: ${hint}`;
}
