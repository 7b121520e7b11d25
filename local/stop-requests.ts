/** A signal that follows so closely is the same Ctrl-C: npm passes on what the terminal has sent already. */
const sameSignalMs = 500;
const watchEveryMs = 250;

/**
 * Runs `stop` once: on SIGTERM or Ctrl-C, or when the process that started this one is gone. A later signal
 * ends this process at once, with exit code 1.
 */
export function onStopRequest(stop: () => void): void {
  let isStopping = false;
  let firstSignalAt: number | undefined;
  const stopOnce = () => {
    if (!isStopping) stop();
    isStopping = true;
  };
  const onSignal = () => {
    const now = performance.now();
    firstSignalAt ??= now;
    if (now - firstSignalAt > sameSignalMs) process.exit(1);
    stopOnce();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // There is a channel only where another process of ours started this one.
  process.on('disconnect', stopOnce);
  onNpmGone(stopOnce);
}

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
  }, watchEveryMs).unref();
}
