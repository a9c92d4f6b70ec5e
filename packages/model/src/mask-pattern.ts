/** Does the name of an environment variable match one of these patterns, in which `*` stands for any characters and `?` for one? Capitals make no difference. */
export function isMasked(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => patternOf(pattern).test(name));
}

function patternOf(pattern: string): RegExp {
  const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, "isu");
}
