import type { Draft } from "./draft.js";
import type { Locations } from "./request.js";
import type { MapValue, Position } from "./tree.js";

type Place = readonly [file: number, line: number, column: number];

/** Where every service and every key of it stands. */
export function locationsOf(drafts: readonly Draft[]): Locations {
  const files: string[] = [];
  const placeOf = ({ file, line, column }: Position): Place => {
    const known = files.indexOf(file);
    return [known === -1 ? files.push(file) - 1 : known, line, column];
  };
  const services = drafts.map(({ name, keyAt, tree }): [string, Record<string, Place>] => {
    const fields: Record<string, Place> = { "": placeOf(keyAt) };
    collect(tree, "", fields, placeOf);
    return [name, fields];
  });
  return { files, services: Object.fromEntries(services) };
}

function collect(
  map: MapValue,
  prefix: string,
  fields: Record<string, Place>,
  placeOf: (at: Position) => Place,
): void {
  for (const [key, { keyAt, value }] of map.entries) {
    fields[prefix + key] = placeOf(keyAt);
    if (value.kind === "map") collect(value, `${prefix}${key}.`, fields, placeOf);
  }
}
