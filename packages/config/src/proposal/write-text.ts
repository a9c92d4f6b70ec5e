import { Document, isMap, isScalar, isSeq, visit, type Scalar, type YAMLMap } from "yaml";
import type { ProposedService } from "./proposal.js";

/** The text of supervise.yaml. `head`: comment lines at its top. */
export function writeText(head: readonly string[], services: readonly ProposedService[]): string {
  const document = new Document({
    services: Object.fromEntries(services.map(({ name, keys }) => [name, keys])),
  });
  document.commentBefore = commentOf(head);
  visit(document, {
    // Words stand on one line, as people write them.
    Seq(_, node) {
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
  });
  const map = document.get("services") as YAMLMap<Scalar<string>>;
  map.items.forEach(({ key }, index) => {
    const comments = services[index]?.comments ?? [];
    if (index > 0) key.spaceBefore = true;
    if (comments.length > 0) key.commentBefore = commentOf(comments);
  });
  const isEmpty = !isMap(map) && !isSeq(map);
  return isEmpty ? "" : document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** As the library takes it: without the sign, with the blank behind it. Nothing of another file can end the comment. */
function commentOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${line.replaceAll(/[\u0000-\u001f\u007f]+/g, " ")}`).join("\n");
}
