/** Runs every benchmark, or those whose name holds the argument: `npm run bench -- quota`. */
import { auditMemory } from './audit-memory.ts';
import { quotaBurst } from './quota-burst.ts';

const benchmarks = [
  { name: 'quota-burst', run: quotaBurst },
  { name: 'audit-memory', run: auditMemory },
];

const [wanted = ''] = process.argv.slice(2);
const chosen = benchmarks.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0) {
  console.error(
    `no benchmark is named like ${JSON.stringify(wanted)}: ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(1);
}
for (const { name, run } of chosen) {
  console.log(`\n${name}`);
  for (const line of await run()) console.log(`  ${line}`);
}
