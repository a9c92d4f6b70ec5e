import { z } from "zod";
import type { DevelopFields } from "./fields.js";
import { choice, list, object } from "./schema-shapes.js";
import { text } from "./schema-leaf.js";
import { path } from "./schema-values.js";

/** `develop` of the Compose specification, as far as it is not about images. */
export function develop(): z.ZodType<DevelopFields> {
  const watch = object(
    {
      path: path("a file or a directory").describe("What is watched, with all below it."),
      action: choice("restart", ["restart", "reload"]).describe(
        "What a change does: restart the service, or have it read its configuration again.",
      ),
      ignore: list(text("a pattern such as *.log or build/"), "a list of patterns")
        .prefault([])
        .describe(
          "Patterns of what is not watched, below `path`, as in .gitignore. node_modules and .git never are.",
        ),
    },
    "a map with path",
  );
  return object(
    { watch: list(watch, "a list of maps with path").prefault([]) },
    "a map with watch",
  );
}
