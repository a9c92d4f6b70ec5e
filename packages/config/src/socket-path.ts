import type { DiagnosticList } from "./diagnostics.js";
import { quote } from "./explain.js";
import type { Position } from "./tree.js";

/** sun_path of unix(7) less its NUL. */
const longestSocketPath = 107;

/** The path of a Unix socket as it is; a longer one than the kernel takes is a mistake. */
export function socketPath(path: string, at: Position, diagnostics: DiagnosticList): string {
  const length = Buffer.byteLength(path);
  if (length > longestSocketPath)
    diagnostics.error(
      at,
      `the path of a socket has at most ${longestSocketPath} bytes, ${quote(path)} has ${length}`,
    );
  return path;
}
