import { BINDINGS } from "../model/bindings.js";
import { PLACES, WHERES } from "./places.js";

/** Every key as a table of Markdown, in the order of the help. */
export function keyTable(): string {
  const rows = WHERES.flatMap((where) =>
    BINDINGS.filter((one) => one.where === where).map(
      ({ keys, help }) =>
        `| ${keys.map((key) => `\`${key}\``).join(" ")} | ${help} | ${PLACES[where]} |`,
    ),
  );
  return ["| keys | what | where |", "| --- | --- | --- |", ...rows].join("\n");
}
