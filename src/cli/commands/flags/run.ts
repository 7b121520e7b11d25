import { shownName } from '../../../status/shown-name.ts';
import { fetchStatus, findApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { selectRegistries } from '../../select-registries.ts';
import { isFlagged, readReplicaReport } from './document.ts';
import { flagsLines } from './flags-lines.ts';

interface FlagsOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly registry?: string | undefined;
  readonly all?: true | undefined;
}

/**
 * `evenkeel flags`: shows which replicas should be out of global routing, and why.
 * @returns the exit code: 0 none, 1 not everything is known, 3 some.
 * @throws {SettingError | AppCallError | ArgumentError}
 */
export async function runFlags(options: FlagsOptions, context: CliContext): Promise<number> {
  const { stdout, env } = context;
  const { status } = await fetchStatus(context, findApp(options.app, env), readReplicaReport);
  const registries = selectRegistries(status, options.registry);
  const { now } = status;
  const names = status.registries;
  const shown = registries.map((one) => ({ ...one, registry: shownName(one, names) }));
  const flagged = registries.flatMap(({ replicas }) => replicas.filter(isFlagged)).length;
  const width = stdout.isTTY === true && stdout.columns ? stdout.columns : undefined;
  printResult(context, options, {
    json: { now, flagged, registries },
    lines: (pc) => flagsLines({ registries: shown, now }, { all: options.all === true, width }, pc),
  });
  if (flagged > 0) return 3;
  return registries.every(({ reviewedAt }) => reviewedAt != null) ? 0 : 1;
}
