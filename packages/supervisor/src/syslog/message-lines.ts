import { maxLineBytes } from "@supervise/log";
import { utf8Prefix, type ParsedSyslog } from "@supervise/model";

const newline: Buffer = Buffer.from("\n");

/** What of a message goes into a log: the lines of its text, each with its newline, and whether they were cut. */
export interface MessageLines {
  readonly bytes: Buffer;
  readonly cut: boolean;
}

/**
 * "sshd[77]: text", as every syslog file has it, with the text's bytes as they came. Identifier and structured data of RFC 5424 stand before the text,
 * so that nothing that was said is lost. Times and hosts are not kept: they are those of the line and of this machine.
 */
export function messageLines(
  message: ParsedSyslog,
  data: Uint8Array,
  truncated: boolean,
): MessageLines {
  const said = Buffer.concat([
    Buffer.from(prefix(message)),
    data.subarray(message.textStart, message.textEnd),
  ]);
  if (!truncated && said.length <= maxLineBytes)
    return { bytes: Buffer.concat([said, newline]), cut: false };
  // One byte less at least: the last may be the first of a character.
  const most = Math.min(maxLineBytes, said.length - 1);
  const whole = utf8Prefix(said, most);
  // No character is longer than 4 bytes: what would lose more is not UTF-8.
  return { bytes: said.subarray(0, whole < most - 3 ? most : whole), cut: true };
}

function prefix({ app, processId, messageId, structuredData }: ParsedSyslog): string {
  const tag = app === null ? "" : `${app}${processId === null ? "" : `[${processId}]`}: `;
  const id = messageId === null ? "" : `${messageId} `;
  const data = structuredData
    .map(({ id: name, parameters }) => {
      const written = parameters.map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
      return `[${name}${written.join("")}] `;
    })
    .join("");
  // A tag may hold a newline only inside structured data, which JSON has escaped.
  return `${tag}${id}${data}`.replaceAll(/[\n\0]/g, " ");
}
