import { syslogFacilities, syslogLevels, type ParsedSyslog } from "@supervise/model";
import { printable } from "@supervise/process";
import type { PeerCredentials } from "@supervise/sys";
import type { SyslogRoom } from "./syslog-room.js";

/** Messages of senders that belong to no service: told as events of the supervisor, as far as they are few. */
export interface StrangeMessages {
  tell(message: ParsedSyslog, sender: PeerCredentials | null): void;
  /** So far. */
  readonly count: number;
  /** Says how many were not told. */
  close(): void;
}

/** So many in so many milliseconds are told; the rest is counted, so that a flood does not push everything else out of the events. */
const mostInWindow = 20;
const windowMs = 10_000;
const longestText = 1_000;

export function createStrangeMessages(room: SyslogRoom): StrangeMessages {
  let count = 0;
  let windowEndMs = 0;
  let inWindow = 0;
  let untold = 0;

  const add = (message: string): void => {
    room.events.add({ service: null, kind: "syslog", message });
    room.hub.say(message, "info");
  };
  const tellUntold = (): void => {
    if (untold > 0) add(`${untold} more syslog messages of no known service were not shown`);
    untold = 0;
  };
  return {
    tell: (message, sender) => {
      count += 1;
      const nowMs = room.monotonicMs();
      if (nowMs >= windowEndMs) {
        windowEndMs = nowMs + windowMs;
        inWindow = 0;
      }
      inWindow += 1;
      if (inWindow > mostInWindow) {
        untold += 1;
        return;
      }
      tellUntold();
      const who =
        sender === null || sender.pid <= 0 ? "unknown" : `pid ${sender.pid}, uid ${sender.uid}`;
      const priority = `${syslogFacilities[message.facility]}.${syslogLevels[message.level]}`;
      const app = message.app === null ? "" : `${message.app}: `;
      const text = printable(`${app}${message.text.slice(0, longestText)}`);
      add(`Syslog message of no known service (${who}), ${priority}: ${text}`);
    },
    get count() {
      return count;
    },
    close: tellUntold,
  };
}
