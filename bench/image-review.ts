import { writeFileSync } from 'node:fs';
import type { HostProcess } from '../local/host/spawn-host.ts';
import type { BenchSizes } from './arguments.ts';
import { fillLedger, heapForMiB } from './fill-ledger.ts';
import { sendAll } from './http-load.ts';
import { residentMiB } from './process-usage.ts';
import { benchImages, benchRegions, webhook } from './pushes.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';
import { meterTables, type TableMeter } from './table-meter.ts';

/** Reviews unfinished images, in a ledger without other images and in one with many finished ones. */
export async function imageReview({ open, images, fillSeconds }: BenchSizes): Promise<string[]> {
  const lines: string[] = [];
  for (const finished of [0, images]) {
    await using world = await startBenchAzure({ maxHeapMiB: heapForMiB(finished) });
    const filled = await fillLedger(world.storage, finished, fillSeconds);
    lines.push(
      `${open} unfinished images beside ${filled.images} finished ones`,
      ...(await reviews(world, open)).map((line) => `  ${line}`),
    );
  }
  return lines;
}

async function reviews(world: BenchAzure, open: number): Promise<string[]> {
  await using started = new AsyncDisposableStack();
  const meter = started.adopt(await meterTables(world.storage), (one) => one.close());
  const patient = started.adopt(await startReviewer(world, meter, 'PT1H'), (one) => one.stop());
  const images = benchImages('open', open);
  const [first = '', ...others] = benchRegions;
  const report = (url: string, region: string) =>
    sendAll(
      images.map((image) => webhook(url, region, image)),
      200,
      16,
    );
  await report(patient.host.url, first);
  const lines = [
    await patient.review('the first, of images that are not late'),
    await patient.review('the next, likewise'),
  ];
  await patient.stop();

  const strict = started.adopt(await startReviewer(world, meter, 'PT0.1S'), (one) => one.stop());
  lines.push(
    await strict.review('in another process, of late ones: each missing region is read'),
    await strict.review('the next, before their time comes again'),
  );
  for (const region of others) await report(strict.host.url, region);
  lines.push(await strict.review('after all of them have come'), await strict.review('with nothing left'));
  return lines;
}

interface Reviewer {
  readonly host: HostProcess;
  /** Runs a review. @returns a line with its time and cost. */
  review(title: string): Promise<string>;
  stop(): Promise<void>;
}

async function startReviewer(
  { startApp }: BenchAzure,
  meter: TableMeter,
  replicationSlo: string,
): Promise<Reviewer> {
  let reviewed = Promise.withResolvers<string>();
  let found = '';
  const host = await startApp({
    settings: { STATE: meter.connectionString },
    entry: { replicationSlo },
    onLine: (line) => {
      if (line.includes(' images reviewed {')) found = line.slice(line.indexOf('{'));
      const [, outcome, ms] =
        /Executed 'Functions\.reviewReplicas' \((\w+),.*Duration=(\d+)ms/.exec(line) ?? [];
      if (outcome !== undefined) reviewed.resolve(`${outcome.toLowerCase()} in ${Number(ms) / 1000} s`);
    },
  });
  return {
    host,
    async review(title) {
      reviewed = Promise.withResolvers();
      meter.take();
      const before = residentMiB(host.pid);
      forgetPeak(host);
      const answer = await fetch(`${host.url}/admin/functions/reviewReplicas`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      if (answer.status !== 202) throw new Error(`reviewReplicas was answered ${answer.status}`);
      const outcome = await reviewed.promise;
      const memory = `${before} MiB before, peak ${residentMiB(host.pid, 'VmHWM')} MiB`;
      const requests = [...meter.take()].sort().map(([operation, count]) => `${count} ${operation}`);
      return `${title}: ${outcome}, ${memory}; ${requests.join(', ')}; ${found}`;
    },
    stop: async () => void (await host.stop()),
  };
}

/**
 * Resets the peak memory that the kernel keeps for a process.
 * https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
 */
const forgetPeak = ({ pid }: HostProcess): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
