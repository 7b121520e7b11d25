import { regionOf } from '../../../registries/replica.ts';
import type { AppAccess } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import { interlockLines } from '../../output/interlock-lines.ts';
import { printResult } from '../../output/print-result.ts';
import type { Palette } from '../../output/terminal.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import { NoReplicaError, postRehearsal, type RehearsalCheck } from '../../rehearsal-call.ts';
import type { ReportedRegistry } from './document.ts';

interface Question {
  readonly registries: readonly ReportedRegistry[];
  readonly region: string;
  readonly json: true | undefined;
}

/**
 * `evenkeel flags --what-if`: whether the replicas in a region could be taken out of global routing now.
 * @returns the exit code: 0 every interlock passes, 3 one refuses.
 * @throws {ArgumentError | AppCallError}
 */
export async function runWhatIf(
  { registries, region, json }: Question,
  app: AppAccess,
  context: CliContext,
): Promise<number> {
  const inRegion = registries.filter(
    // One that was not reviewed yet shows no replicas; the app looks for them.
    ({ replicas, reviewedAt }) =>
      reviewedAt === null || replicas.some((replica) => replica.region === regionOf(region)),
  );
  const checks: RehearsalCheck[] = [];
  for (const { loginServer, id, registry } of inRegion) {
    const name = loginServer ?? (id || registry);
    try {
      checks.push(await postRehearsal(context, app, { registry: name, region }, { whatIf: true }));
    } catch (error) {
      if (!(error instanceof NoReplicaError)) throw error;
    }
  }
  if (checks.length === 0) {
    const known = [...new Set(registries.flatMap(({ replicas }) => replicas.map((one) => one.region)))];
    throw new ArgumentError(
      `--what-if: no replica is in ${region}; there are replicas in ${known.sort().join(', ') || 'none that was reviewed'}`,
    );
  }
  const passes = checks.every(({ refusedBy }) => refusedBy.length === 0);
  printResult(
    context,
    { json },
    { json: { passes, registries: checks }, lines: (pc) => lines(checks, pc, context.stdout) },
  );
  return passes ? 0 : 3;
}

const lines = (checks: readonly RehearsalCheck[], pc: Palette, screen: Screen): string[] =>
  checks.flatMap((check, index) => [...(index === 0 ? [] : ['']), ...checkLines(check, pc, screen)]);

/** Whether a replica could be taken out now, and every interlock. */
export const checkLines = (
  { registry, region, refusedBy, interlocks }: RehearsalCheck,
  pc: Palette,
  screen: Screen,
): string[] => [
  ...wrapLine(
    refusedBy.length === 0
      ? `${pc.green('✔')} ${registry} ${region} could be taken out of global routing now`
      : `${pc.red('✖')} ${registry} ${region} has to stay in global routing: ${refusedBy.join(', ')} refuses`,
    screen,
  ),
  ...interlockLines(interlocks, pc, screen),
];
