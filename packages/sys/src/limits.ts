/** getrlimit(2) in the order of the resources' numbers, by the words of a Compose file's `ulimits`. */
export const limitNames: readonly string[] =
  "cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime".split(
    " ",
  );

/** 7 for "nofile", "NOFILE" and "RLIMIT_NOFILE"; null for what names no resource. */
export function limitNumber(name: string): number | null {
  const number = limitNames.indexOf(
    name
      .trim()
      .toLowerCase()
      .replace(/^rlimit_/, ""),
  );
  return number < 0 ? null : number;
}
