import type { Channel } from "./channel.js";
import { rotateFile } from "./file-rotation.js";

/** Begins a new file of a service's log, between two lines. A negative errno: it goes on in the old one. Null: it has no file. */
export function rotateChannel({ file, direct }: Channel, nowMicros: number): number | null {
  if (file !== null) return file.rotateNow();
  return direct === null ? null : rotateFile(direct.path, nowMicros);
}
