/** The status page: asks the app that served it, every few seconds, and shows the answer. */
import { render } from 'preact';
import { App, type PollerAction } from './app.tsx';
import { fetchImage, fetchStatus } from './fetch-status.ts';
import { takeKey } from './function-key.ts';
import { startPoller } from './poller.ts';

const { key: firstKey, address } = takeKey(location);
let key = firstKey;
if (address !== undefined) history.replaceState(null, '', address);

// Relative to the page: /api/dashboard asks /api/status, whatever is in front of the two.
const { href } = new URL('status', location.href);
const { href: replication } = new URL('replication', location.href);
const place = { app: location.origin, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };

const root = document.getElementById('page');
if (root === null) throw new Error('the document has no element for the page');

const poller = startPoller({
  fetchStatus: () => fetchStatus(href, key),
  render: (view) =>
    render(<App view={view} onAction={act} onKey={useKey} lookUp={lookUp} place={place} />, root),
  nowMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  isHidden: () => document.hidden,
});

function act(action: PollerAction): void {
  if (action === 'refresh') void poller.refresh();
  else poller[action]();
}

const lookUp = (query: URLSearchParams) => fetchImage(`${replication}?${query}`, key);

function useKey(other: string): void {
  key = other;
  void poller.refresh();
}

document.addEventListener('visibilitychange', () => poller.onVisibilityChange());
// The key has left the address, so that reloading the page would be refused.
if (firstKey !== undefined) window.addEventListener('keydown', refreshOnReloadKeys);

/** Fetches the status instead of reloading the page. With Shift the browser reloads as ever. */
function refreshOnReloadKeys(event: KeyboardEvent): void {
  const isReload =
    event.key === 'F5' || (event.key.toLowerCase() === 'r' && (event.ctrlKey || event.metaKey));
  if (!isReload || event.shiftKey || event.altKey) return;
  event.preventDefault();
  void poller.refresh();
}
