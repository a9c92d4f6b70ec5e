/**
 * Runs something later, in milliseconds, and returns the undo. What has been told meanwhile is heard before: a process that could not run for a while
 * finds its timer due and the changes unread, and the timer alone would take them for quiet.
 */
export function afterQuiet(delayMs: number, run: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(run);
  }, delayMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
