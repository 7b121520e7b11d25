/**
 * Lets the keys that reload a page ask for the status instead. The key has left the address by then, so that
 * loading the page anew would be refused.
 */
export function reloadAsksAnew(target: Window, ask: () => void): void {
  target.addEventListener('keydown', (event) => {
    const isReload =
      event.key === 'F5' || (event.key.toLowerCase() === 'r' && (event.ctrlKey || event.metaKey));
    // With shift it is meant: the page itself is to come anew.
    if (!isReload || event.shiftKey || event.altKey) return;
    event.preventDefault();
    ask();
  });
}
