import type { AppAccess } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import { unreachableReason } from '../../unreachable.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { WaitCondition } from './wait-condition.ts';

/** How much longer than `wait` an answer may take: a cold start, a slow network. */
const graceMs = 10_000;

/**
 * Asks once, and lets the app hold the question for so many seconds. Never throws: no answer is `unavailable`.
 */
export async function ask(
  { fetch, interrupted }: CliContext,
  app: AppAccess,
  { image, minEvidence }: WaitCondition,
  waitSeconds: number,
): Promise<Answer> {
  const url = new URL(`${app.url}/api/replication`);
  url.searchParams.set('registry', image.registry);
  url.searchParams.set('repository', image.repository);
  url.searchParams.set('reference', image.reference);
  url.searchParams.set('wait', String(waitSeconds));
  if (minEvidence === 'verified') url.searchParams.set('verify', 'true');
  const timeoutMs = waitSeconds * 1000 + graceMs;
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...(app.key && { 'x-functions-key': app.key }) },
      // A redirect would take the key to somebody else.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), interrupted]),
    });
    return readAnswer(response.status, await response.text(), response.headers.get('retry-after'));
  } catch (error) {
    return { kind: 'unavailable', reason: unreachableReason(error, timeoutMs), retryAfterMs: undefined };
  }
}
