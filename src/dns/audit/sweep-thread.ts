import { Worker } from 'node:worker_threads';
import { type AuditReport, parseAuditReport } from './report.ts';

/** Enough for 10,000 container groups and their record sets several times over. */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 12 };

/** A sweep that does not end, not even at the end of its own time. */
class SweepTimeoutError extends Error {
  override readonly name = 'SweepTimeoutError';
  constructor(timeoutMs: number) {
    super(`the sweep did not end within its ${Math.ceil(timeoutMs / 1000)} s, and was stopped`);
  }
}

/** A thread that has not ended so long after its time is stuck. */
const graceMs = 15_000;

/**
 * Runs a sweep on a thread that ends with it, or when its time is over.
 * @param script the built `sweep-worker.js`.
 * @param timeoutMs the time of the sweep, which then reports what it could not read.
 * @throws what the sweep throws, without its class; an error of code `ERR_WORKER_OUT_OF_MEMORY` when it needs more
 * than its bound; a {@link SweepTimeoutError} when it has not ended {@link graceMs} after its time.
 */
export async function sweepOnThread(
  script: URL,
  before: AuditReport | undefined,
  timeoutMs: number,
): Promise<AuditReport> {
  const worker = new Worker(script, { workerData: { before, timeoutMs }, resourceLimits });
  let timer: NodeJS.Timeout | undefined;
  try {
    const report = await new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the sweep ended without a report (${code})`)));
      // A thread that loops or waits for ever does not end by itself.
      timer = setTimeout(() => reject(new SweepTimeoutError(timeoutMs)), timeoutMs + graceMs);
    });
    const parsed = parseAuditReport(report);
    if (parsed === undefined) throw new Error('the sweep gave something that is no report');
    return parsed;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
