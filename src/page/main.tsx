/** The status page: asks the app that served it, every few seconds, and shows what it says. */
import { render } from 'preact';
import { App } from './app.tsx';
import { fetchStatus } from './fetch-status.ts';
import { takeKey } from './function-key.ts';
import { startPoller } from './poller.ts';

const { key, address } = takeKey(location);
if (address !== undefined) history.replaceState(null, '', address);

// Beside the page: /api/dashboard asks /api/status, whatever is in front of the two.
const { href } = new URL('status', location.href);

const root = document.getElementById('page');
if (root === null) throw new Error('the document has no place for the page');

const poller = startPoller({
  fetchStatus: () => fetchStatus(href, key),
  render: (view) => render(<App view={view} act={act} />, root),
  nowMs: () => performance.now(),
  schedule(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  isHidden: () => document.hidden,
});

function act(what: 'refresh' | 'pause' | 'resume'): void {
  if (what === 'refresh') void poller.refresh();
  else poller[what]();
}

document.addEventListener('visibilitychange', () => poller.onVisibilityChange());
if (key !== undefined) reloadAsksAnew(window, () => void poller.refresh());

/**
 * Lets the keys that reload a page ask for the status instead. The key has left the address by then, so that
 * loading the page anew would be refused.
 */
function reloadAsksAnew(target: Window, ask: () => void): void {
  target.addEventListener('keydown', (event) => {
    const isReload =
      event.key === 'F5' || (event.key.toLowerCase() === 'r' && (event.ctrlKey || event.metaKey));
    // With shift it is meant: the page itself is to come anew.
    if (!isReload || event.shiftKey || event.altKey) return;
    event.preventDefault();
    ask();
  });
}
