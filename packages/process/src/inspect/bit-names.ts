import { capabilityNames, signalName } from "@supervise/sys";

/** Numbers of the bits that are set in a mask written in hexadecimal, lowest first. Empty for what is no mask. */
export function bitsOf(hexadecimal: string): readonly number[] {
  const found: number[] = [];
  // From the last digit on: masks are of any width, and numbers of JavaScript have 53 bits.
  for (let index = hexadecimal.length - 1, base = 0; index >= 0; index -= 1, base += 4) {
    const digit = Number.parseInt(hexadecimal.charAt(index), 16);
    if (Number.isNaN(digit)) return [];
    for (let bit = 0; bit < 4; bit += 1) if ((digit & (1 << bit)) !== 0) found.push(base + bit);
  }
  return found;
}

/** Signals of a mask of /proc, in which bit 0 is signal 1. */
export function signalsOf(mask: string): readonly string[] {
  return bitsOf(mask).map((bit) => signalName(bit + 1));
}

/** Capabilities of a mask; one without a name here is shown as its number. */
export function capabilitiesOf(mask: string): readonly string[] {
  return bitsOf(mask).map((bit) => capabilityNames[bit] ?? `CAP_${bit}`);
}

/** Names of the flags that are set in `bits`; what is left over as one hexadecimal number. */
export function flagNames(
  bits: number,
  names: readonly (readonly [name: string, flag: number])[],
): readonly string[] {
  const found: string[] = [];
  let left = bits;
  for (const [name, flag] of names) {
    if ((left & flag) !== flag) continue;
    found.push(name);
    left &= ~flag;
  }
  if (left !== 0) found.push(`0x${(left >>> 0).toString(16)}`);
  return found;
}
