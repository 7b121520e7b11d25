const everyMs = 250;

/**
 * Runs `then` when the shell is gone in which npm runs this process: a signal to npm ends that shell, which
 * does not pass it on. Without npm nothing is watched.
 */
export function onNpmGone(then: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    then();
  }, everyMs).unref();
}
