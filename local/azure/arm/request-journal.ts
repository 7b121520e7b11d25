import { appendFileSync } from 'node:fs';
import type { ArmRequest } from './operation.ts';

/** Whether a client is the app's, by its user agent; tests have clients of their own. */
const isApp = (userAgent: string | null): boolean => /^evenkeel(?: |$)/.test(userAgent ?? '');

/**
 * Adds each kind of request that the app makes to a file, once: `METHOD Operation Resource/type`, without the type
 * where the path names no resource. Many processes may write to one file.
 */
export function requestJournal(file: string): (request: ArmRequest) => void {
  const seen = new Set<string>();
  return ({ method, operation, id, headers }) => {
    if (!isApp(headers.get('user-agent'))) return;
    const line = [method, operation, resourceTypeOf(id)].join(' ').trimEnd();
    if (seen.has(line)) return;
    seen.add(line);
    appendFileSync(file, `${line}\n`);
  };
}

/** `Microsoft.Network/privateDnsZones/A` of one record set's path, and of the path of all of this type. */
function resourceTypeOf(path: string): string {
  const [, namespace, rest] = /^.*\/providers\/([^/]+)\/(.+)$/i.exec(path) ?? [];
  if (namespace === undefined || rest === undefined) return '';
  const types = rest.split('/').filter((_, index) => index % 2 === 0);
  return [namespace, ...types].join('/');
}
