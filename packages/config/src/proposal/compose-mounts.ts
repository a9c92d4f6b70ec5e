import { join, relative } from "node:path";
import { entry, plain } from "../tree.js";
import type { MapValue } from "../tree.js";

interface Mount {
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
}

/** The directory on this machine that `working_dir` is by a bind mount; null: it is in the image alone, or not said. */
export function hostDirectory(service: MapValue): string | null {
  const inside = entry(service, "working_dir");
  const path = inside === undefined ? null : plain(inside);
  if (typeof path !== "string") return null;
  for (const { source, target } of mountsOf(service)) {
    const below = relative(target, path);
    if (!below.startsWith("..")) return join(source, below);
  }
  return null;
}

/** Both forms of Compose: "./src:/app:ro", and a map with type, source and target. */
function mountsOf(service: MapValue): readonly Mount[] {
  const found = entry(service, "volumes");
  const written: unknown = found === undefined ? [] : plain(found);
  return (Array.isArray(written) ? (written as readonly unknown[]) : []).flatMap((one) => {
    if (typeof one === "string") {
      const [source = "", target = ""] = one.split(":");
      // Anything else is a volume by its name.
      return /^[./]/.test(source) && target !== "" ? [{ source, target }] : [];
    }
    if (typeof one !== "object" || one === null) return [];
    const { type, source, target } = one as Readonly<Record<string, unknown>>;
    return type === "bind" && typeof source === "string" && typeof target === "string"
      ? [{ source, target }]
      : [];
  });
}
