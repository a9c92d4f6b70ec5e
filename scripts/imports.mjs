// Which modules a source file imports, read from its text.

const LITERAL_OR_COMMENT =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** What stands before a literal that names a module. */
const BEFORE_SPECIFIER = /(?:\bfrom|\bimport|\b(?:import|require|require\.resolve)\()\s*$/;

/** The text without comments, and with every literal empty that names no module. A regular expression that holds a quote may confuse it. */
const onlyImports = (text) =>
  text.replaceAll(LITERAL_OR_COMMENT, (_, literal, offset) => {
    if (literal === undefined) return " ";
    return BEFORE_SPECIFIER.test(text.slice(Math.max(0, offset - 40), offset)) ? literal : '""';
  });

/** The text without comments and with every literal empty: what is left is code. */
export const onlyCode = (text) =>
  text.replaceAll(LITERAL_OR_COMMENT, (_, literal) => (literal ? '""' : " "));

const FROM = /^\s*(?:import|export)\b([^;'"]*?)\bfrom\s*["']([^"']+)["']/gm;
const BARE = /^\s*import\s*["']([^"']+)["']/gm;
const DYNAMIC = /\b(?:import|require|require\.resolve)\(\s*["']([^"']+)["']/g;

/** Each import, export-from, dynamic import and require: `{ specifier, typeOnly }`. */
export function importsOf(text) {
  const code = onlyImports(text);
  const found = [];
  for (const [, words, specifier] of code.matchAll(FROM))
    found.push({ specifier, typeOnly: /^\s+type\b/.test(words) });
  for (const [, specifier] of code.matchAll(BARE)) found.push({ specifier, typeOnly: false });
  for (const [, specifier] of code.matchAll(DYNAMIC)) found.push({ specifier, typeOnly: false });
  return found;
}

/** "@supervise/model" of "@supervise/model/x", "yaml" of "yaml/x"; null for a relative, internal or Node module. */
export function packageOf(specifier) {
  if (/^[.#]|^node:/.test(specifier)) return null;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
