/** Runs every benchmark, or those whose name contains the argument: `npm run bench -- quota`. */
import { type BenchSizes, parseBenchArguments } from './arguments.ts';
import { auditMemory } from './audit-memory.ts';
import { callCounts } from './call-counts.ts';
import { commandStart } from './command-start.ts';
import { contention } from './contention.ts';
import { imageReview } from './image-review.ts';
import { ledgerSize } from './ledger-size.ts';
import { monthlyCost, PriceFileError } from './monthly-cost.ts';
import { noOpEvents } from './no-op-events.ts';
import { quotaBurst } from './quota-burst.ts';
import { replicaReview } from './replica-review.ts';
import { start } from './start.ts';
import { statusDocument } from './status-document.ts';
import { telemetryVolume } from './telemetry-volume.ts';
import { webhookAcceptance } from './webhook-acceptance.ts';

interface Benchmark {
  readonly name: string;
  /** @returns lines with the results. */
  readonly run: (sizes: BenchSizes) => Promise<string[]>;
}

const benchmarks: readonly Benchmark[] = [
  { name: 'quota-burst', run: quotaBurst },
  { name: 'audit-memory', run: auditMemory },
  { name: 'webhook-acceptance', run: webhookAcceptance },
  { name: 'contention', run: contention },
  { name: 'ledger-size', run: ledgerSize },
  { name: 'image-review', run: imageReview },
  { name: 'replica-review', run: replicaReview },
  { name: 'start', run: start },
  { name: 'command-start', run: commandStart },
  { name: 'no-op-events', run: noOpEvents },
  { name: 'call-counts', run: callCounts },
  { name: 'monthly-cost', run: monthlyCost },
  { name: 'status-document', run: statusDocument },
  { name: 'telemetry-volume', run: telemetryVolume },
];

const { wanted, sizes } = parseBenchArguments(process.argv);
const chosen = benchmarks.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0) {
  console.error(
    `no benchmark is named like ${JSON.stringify(wanted)}: ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(1);
}
for (const { name, run } of chosen) {
  console.log(`\n${name}`);
  try {
    for (const line of await run(sizes)) console.log(`  ${line}`);
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
