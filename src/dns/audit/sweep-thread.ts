import { Worker } from 'node:worker_threads';
import { type AuditReport, parseAuditReport } from './report.ts';

/** Enough for 10,000 container groups and their record sets several times over. */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 12 };

/**
 * Runs a sweep on a thread that ends with it.
 * @param script the built `sweep-worker.js`.
 * @throws what the sweep throws, without its class; an error of code `ERR_WORKER_OUT_OF_MEMORY` when it needs more
 * than its bound.
 */
export async function sweepOnThread(
  script: URL,
  before: AuditReport | undefined,
  timeoutMs: number,
): Promise<AuditReport> {
  const worker = new Worker(script, { workerData: { before, timeoutMs }, resourceLimits });
  try {
    const report = await new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the sweep ended without a report (${code})`)));
    });
    const parsed = parseAuditReport(report);
    if (parsed === undefined) throw new Error('the sweep gave something that is no report');
    return parsed;
  } finally {
    await worker.terminate();
  }
}
