import { formatSyslog, utf8Prefix, type LogSink } from "@supervise/model";

import { noPriority, type LineBatch } from "./line-batch.js";
import { causeOf } from "./problem.js";
import type { SyslogLink } from "./syslog-link.js";

type SyslogSpec = Extract<LogSink, { driver: "syslog" }>;

/** Levels of lines that have none: those that Docker gives them. */
const errLevel = 3;
const warningLevel = 4;
const infoLevel = 6;
/** A longer line becomes several messages: rsyslog cuts a message behind 8 KiB unless told otherwise, in bytes. */
const longestTextBytes = 8_000;

export interface SyslogSinkOptions {
  readonly spec: SyslogSpec;
  readonly service: string;
  readonly host: string;
  readonly link: SyslogLink;
}

/** The log of one service on its way to a syslog daemon: a message for each line. What the daemon has no room for is counted, and told to it later. */
export class SyslogSink {
  readonly link: SyslogLink;
  readonly spec: SyslogSpec;
  readonly #service: string;
  readonly #host: string;
  #lost = 0;
  #lostFor = 0;

  constructor({ spec, service, host, link }: SyslogSinkOptions) {
    this.link = link;
    this.spec = spec;
    this.#service = service;
    this.#host = host;
  }

  write(batch: LineBatch): void {
    const priority =
      batch.priority === noPriority
        ? this.spec.facility * 8 + (batch.stream === 1 ? errLevel : infoLevel)
        : batch.priority;
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      do {
        const most = Math.min(longestTextBytes, end - start);
        const whole = utf8Prefix(batch.bytes.subarray(start, end), longestTextBytes);
        // No character is longer than 4 bytes: what would lose more is not UTF-8 and is cut anywhere.
        const cut = start + (whole < most - 3 ? most : whole);
        this.#send(priority, batch.timeMicros, batch.bytes.toString("utf8", start, cut));
        start = cut;
      } while (start < end);
      start = end + 1;
    }
  }

  /** The link has room again, and no line may come for a long time. */
  tellLost(timeMicros: number): boolean {
    if (this.#lost === 0) return true;
    const lines = this.#lost === 1 ? "1 message" : `${this.#lost} messages`;
    const text = `${lines} lost: ${causeOf(this.#lostFor)}`;
    if (!this.#offer(this.spec.facility * 8 + warningLevel, timeMicros, text)) return false;
    this.#lost = 0;
    return true;
  }

  #send(priority: number, timeMicros: number, text: string): void {
    if (this.tellLost(timeMicros) && this.#offer(priority, timeMicros, text)) return;
    this.#lost += 1;
    this.#lostFor = this.link.cause;
  }

  #offer(priority: number, timeMicros: number, text: string): boolean {
    const message = {
      facility: priority >> 3,
      level: priority & 7,
      timeMicros,
      offsetMinutes: -new Date(timeMicros / 1000).getTimezoneOffset(),
      host: this.#host,
      app: this.spec.tag ?? this.#service,
      processId: null,
      messageId: null,
      structuredData: [],
      text,
    };
    return this.link.send(Buffer.from(formatSyslog(message, this.spec.form)));
  }
}
