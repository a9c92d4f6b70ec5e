import type { Channel } from "./channel.js";
import { numberedFiles } from "./line-numbering.js";
import { rotateFile } from "./file-rotation.js";

/** Begins a new file of a service's log, of each one that it has, between two lines. A negative errno: it goes on in the old one. Null: it has no file. */
export function rotateChannel(channel: Channel, nowMicros: number): number | null {
  const { direct } = channel;
  const results = numberedFiles(channel).map(({ sink }) => sink.rotateNow());
  if (results.length > 0) return Math.min(...results);
  return direct === null ? null : rotateFile(direct.path, nowMicros);
}
