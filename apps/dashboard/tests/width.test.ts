import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { clip, slice, widthOf, wrap } from "#dashboard/text/width.js";
import { visible } from "#dashboard/text/visible.js";

test("a text takes as many columns as a terminal gives it", () => {
  const widths: readonly (readonly [string, number])[] = [
    ["", 0],
    ["web", 3],
    ["日本語", 6],
    ["ｆｕｌｌ", 8],
    ["한국", 4],
    ["e\u0301", 1],
    ["\u200b", 0],
    ["👩‍🚀", 2],
    ["🇨🇭", 2],
    ["❤\ufe0f", 2],
    ["é…·", 3],
  ];
  deepEqual(
    widths.map(([text]) => [text, widthOf(text)]),
    widths.map(([text, width]) => [text, width]),
  );
});

test("a cut never stands in the middle of a wide character", () => {
  equal(clip("日本語", 5, "…"), "日本…");
  equal(clip("日本語", 4, "…"), "日…");
  equal(clip("日本語", 6, "…"), "日本語");
  equal(slice("日本語", 1, 4), " 本");
  deepEqual(wrap("日本語abc", 4), ["日本", "語ab", "c"]);
});

test("what a service writes is shown as it is and does nothing", () => {
  equal(visible("\u001b[31mred\u001b[0m"), "^[[31mred^[[0m");
  equal(visible("{bold}x{/bold}"), "{bold}x{/bold}");
  equal(visible("a\tb"), "a       b");
  equal(visible("\u009b31m\u007f\u0000"), "<9b>31m^?^@");
  equal(visible("\u202eevil"), "<202e>evil");
});
