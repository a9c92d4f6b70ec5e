/** The part of node:test's context that a helper needs: a test's own, or a suite's hook. */
export interface TestScope {
  after(undo: () => void | Promise<void>): void;
}

const undos = new WeakMap<TestScope, (() => void | Promise<void>)[]>();

/**
 * Has `undo` run when the test ends, in reverse order of the calls: what was made last goes first. (Node 20 runs `after` hooks in
 * the order of their registration, so a directory would go before the process that writes in it.) Every undo runs; the first error is thrown.
 */
export function atEnd(t: TestScope, undo: () => void | Promise<void>): void {
  const known = undos.get(t);
  if (known) {
    known.push(undo);
    return;
  }
  const stack = [undo];
  undos.set(t, stack);
  t.after(async () => {
    const errors: unknown[] = [];
    for (let next = stack.pop(); next; next = stack.pop()) {
      try {
        await next();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  });
}
