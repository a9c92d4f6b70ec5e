import type { Descriptor } from "@supervise/process";
import type { Model } from "../model/model.js";
import { visible } from "../text/visible.js";
import { padEnd, padStart } from "../text/width.js";
import { descriptorText, endsText } from "./descriptor-text.js";
import { factLines } from "./fact-text.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";

const ACCESS: Readonly<Record<string, string>> = {
  read: "r",
  write: "w",
  "read-write": "rw",
  path: "-",
};

/** Every descriptor of the selected process: number, access, kind, what it is, who is at the other end. */
export function descriptorLines(model: Model): readonly Line[] {
  return factLines(
    model,
    (look) => look.descriptors,
    (descriptors, { openFiles }) => {
      const limit =
        openFiles?.known === true ? ` of at most ${openFiles.value.soft ?? "any number"}` : "";
      return [
        line(
          `${descriptors.length} open${limit}; access, c: closed by exec, kind, what it is`,
          "dim",
        ),
        ...descriptors.map(descriptorLine),
      ];
    },
  );
}

function descriptorLine(one: Descriptor): Line {
  const access = `${ACCESS[one.access] ?? one.access}${one.closeOnExec ? " c" : ""}`;
  const more = [
    ...one.flags.map((flag) => flag.replace(/^O_/, "").toLowerCase()),
    ...(one.offset > 0 ? [`at ${one.offset}`] : []),
    ...(one.locks.length > 0 ? ["locked"] : []),
  ].join(" ");
  return [
    { text: padStart(String(one.fd), 4), style: "strong" },
    { text: ` ${padEnd(access, 5)}`, style: "dim" },
    { text: padEnd(one.kind, 9), style: "accent" },
    { text: ` ${visible(descriptorText(one))}`, style: "plain" },
    { text: endsText(one), style: "good" },
    { text: more === "" ? "" : `  ${more}`, style: "dim" },
  ];
}
