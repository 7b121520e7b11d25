/**
 * `npm run soak -- --hours 2`: runs the built app under load, with faults now and then, and watches what may grow. Fails
 * on growth, and on promises that are broken once load and faults are over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../local/azure/random.ts';
import { parseSoakArguments } from './arguments.ts';
import { startDisruptions } from './faults.ts';
import { gauges } from './gauges.ts';
import { judgeGrowth } from './growth.ts';
import { startLoad } from './load.ts';
import { brokenPromises, imagesEverywhere } from './promises.ts';
import { progressHeader, progressRow, summaryLines } from './report.ts';
import { startWorld } from './world.ts';

const { runMs, seed, isJson } = parseSoakArguments(process.argv);
const print = (line: string) => {
  if (!isJson) process.stdout.write(`${line}\n`);
};
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Short enough that tables have to stop growing early in the run. */
const retentionMs = clamp(runMs / 12, 15_000, 5 * 60_000);
/** Tables are full after one retention time and the review that follows; code and caches take a while. */
const settledAtMs = Math.max(1.5 * retentionMs, runMs / 5);
const sampleEveryMs = clamp(runMs / 240, 2_000, 15_000);
const rowEveryMs = clamp(runMs / 6, 10_000, 60_000);
const faultPauseMs = clamp(runMs / 20, 3_000, 20_000);
/** Event Grid repeats after 10, 30 and 60 s, and a sweep comes every 15 s. */
const settleLimitMs = 150_000;

await using started = new AsyncDisposableStack();
print(
  `seed ${seed}, ${(runMs / 60_000).toFixed(1)} minutes, finished images are kept for ${retentionMs / 1000} s`,
);
const world = await startWorld(seed, retentionMs);
started.defer(() => world.close());
const random = seededRandom(seed);
const startedAt = performance.now();
const now = () => performance.now() - startedAt;
const load = startLoad(world, random);
const disruptions = startDisruptions(world, faultPauseMs, seededRandom(seed + 1));
const lengths = { retentionMs, quarterMs: (runMs - settledAtMs) / 4 };
const watched = gauges(world, load, lengths, now);

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (interrupted = true));
let missedSamples = 0;
let nextRowMs = 0;
print(progressHeader);
while (now() < runMs && !interrupted) {
  const dueMs = now() + sampleEveryMs;
  // Storage or the host may be the one that is being broken.
  await watched.sample().catch(() => (missedSamples += 1));
  if (now() >= nextRowMs) {
    print(progressRow({ ms: now(), latest: watched.latest(), load, disruptions, starts: world.starts }));
    nextRowMs += rowEveryMs;
  }
  await sleep(Math.max(0, Math.min(dueMs, runMs) - now()));
}
const endMs = now();
load.stop();
await disruptions.stop();
print('load and faults are over; waiting until everything is right');
const broken = await brokenPromises(world, load, { retentionMs, limitMs: settleLimitMs });

const judged = watched.series.map(({ samples, ...one }) => ({
  ...one,
  samples: samples.length,
  verdict: judgeGrowth({ samples, allowance: one.allowance }, settledAtMs, endMs),
}));
const isRight =
  broken.length === 0 && !interrupted && judged.every(({ verdict }) => verdict.kind === 'steady');
const summary = {
  seed,
  minutes: endMs / 60_000,
  settledAfterMinutes: settledAtMs / 60_000,
  retentionSeconds: retentionMs / 1000,
  passed: isRight,
  interrupted,
  load: {
    containerGroupChanges: load.changes,
    imagesPushed: load.images.length,
    imagesEverywhere: imagesEverywhere(load.images),
    imagesDeleted: load.images.filter(({ isDeleted }) => isDeleted).length,
    answers: Object.fromEntries(load.answers),
    requestsToAzure: world.azure.requests.mark(),
    eventDeliveries: world.azure.eventGrid.counts(),
  },
  faults: Object.fromEntries(disruptions.counts),
  hostsStarted: world.starts,
  missedSamples,
  growth: judged,
  broken,
};
if (isJson) process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
for (const line of summaryLines(summary)) print(line);
process.exitCode = isRight ? 0 : 1;
await started.disposeAsync();
// Questions that wait for an answer would keep the process.
process.exit();
