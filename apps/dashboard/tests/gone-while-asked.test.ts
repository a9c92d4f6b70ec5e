import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Effect, Model } from "#dashboard/model/model.js";
import { targetNames } from "#dashboard/model/selection.js";
import { frameText } from "#dashboard/view/frame.js";
import { view } from "#dashboard/view/view.js";
import { send, service, shop, typed } from "./samples.js";

const three = (): Model => shop([service("a"), service("b"), service("c")]);

/** As after a reload or another scale. */
const onlyA = (model: Model): Model =>
  send(model, { type: "services", services: [service("a")], all: true });

function askedOf(effects: readonly Effect[]): readonly (readonly string[])[] {
  return effects.flatMap((one) => (one.type === "act" ? [one.names] : []));
}

test("services that went while the question stood there are left out of what is done", () => {
  const [asking] = typed(three(), "AS");
  ok(frameText(view(asking)).join("\n").includes("stop 3 services?"));
  deepEqual(askedOf(typed(onlyA(asking), "y")[1]), [["a"]]);
});

test("services that went while the menu of signals stood there are not asked about", () => {
  const [menu] = typed(three(), "AK");
  const [asking] = typed(onlyA(menu), ["enter"]);
  ok(frameText(view(asking)).join("\n").includes('send SIGTERM to "a"?'));
  deepEqual(askedOf(typed(asking, "y")[1]), [["a"]]);
});

test("a question about what went does nothing and says so", () => {
  const [asking] = typed(three(), "GS");
  const [after, effects] = typed(onlyA(asking), "y");
  deepEqual(effects, []);
  equal(after.notice?.text, '"c" is no longer there');
  const [menu] = typed(three(), "GK");
  equal(typed(onlyA(menu), ["enter"])[0].notice?.text, '"c" is no longer there');
});

test("a mark goes with its service, and does not come back with it", () => {
  const [marked] = typed(three(), "A");
  const left = onlyA(marked);
  ok(frameText(view(left)).join("\n").includes("1 marked"));
  const back = send(left, { type: "services", services: [service("a"), service("c")], all: true });
  deepEqual(targetNames(back), ["a"]);
});
