import type { Channel } from "./channel.js";
import type { StreamNumber } from "./line-batch.js";

/** Where lines that are handed on come from. */
export interface LineOrigin {
  readonly channel: Channel;
  readonly run: number;
  readonly stream: StreamNumber;
  /** As in `LineBatch`. */
  readonly priority: number;
}
