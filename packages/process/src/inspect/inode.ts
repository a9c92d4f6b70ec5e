/** 4026531833 of "net:[4026531833]". */
export function inodeOf(target: string): number | null {
  const match = /^[a-z_]+:\[(\d+)\]$/.exec(target);
  return match === null ? null : Number(match[1]);
}
