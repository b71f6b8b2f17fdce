/** Does something again and again, one at a time, until it is stopped. */
export function every(ms: number, action: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    // What goes wrong once (a folder that is being swapped) is looked at again in a moment.
    last = action()
      .catch(() => {})
      .finally(() => {
        isBusy = false;
      });
  }, ms);
  return async () => {
    clearInterval(timer);
    await last;
  };
}
