/** From so many services on their start shows in the heap. */
export const MANY_SERVICES = 50;

/**
 * A supervisor lives long and allocates little, but the start of many services would let V8's young generation grow to 32 MB, where it stays: it is
 * kept at its first megabyte. (The limit itself can only be set on Node's command line.) Until the returned function is called nothing is
 * optimized either: a burst is over before that pays, and the compiler would take a processor from the services. Not for few services: loading
 * node:v8 takes 5 ms.
 */
export async function keepHeapSmall(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--no-opt");
  return () => setFlagsFromString("--opt");
}
