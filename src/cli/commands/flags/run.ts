import { shownName } from '../../../status/shown-name.ts';
import { fetchStatus, findApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { selectRegistries } from '../../select-registries.ts';
import { isFlagged, readReplicaReport } from './document.ts';
import { flagsLines } from './flags-lines.ts';
import { runWhatIf } from './what-if.ts';

interface FlagsOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly registry?: string | undefined;
  readonly all?: true | undefined;
  readonly whatIf?: string | undefined;
}

/**
 * `evenkeel flags`: shows which replicas should be out of global routing, and why.
 * @returns the exit code: 0 none, 1 not everything is known, 3 some; with a region those of {@link runWhatIf}.
 * @throws {SettingError | AppCallError | ArgumentError}
 */
export async function runFlags(options: FlagsOptions, context: CliContext): Promise<number> {
  const { stdout, env } = context;
  const app = findApp(options.app, env);
  const { status } = await fetchStatus(context, app, readReplicaReport);
  const registries = selectRegistries(status, options.registry);
  if (options.whatIf !== undefined) {
    return runWhatIf({ registries, region: options.whatIf, json: options.json }, app, context);
  }
  const { now } = status;
  const names = status.registries;
  const shown = registries.map((one) => ({ ...one, registry: shownName(one, names) }));
  const flagged = registries.flatMap(({ replicas }) => replicas.filter(isFlagged)).length;
  printResult(context, options, {
    json: { now, flagged, registries },
    lines: (pc) => flagsLines({ registries: shown, now }, { all: options.all === true, screen: stdout }, pc),
  });
  if (flagged > 0) return 3;
  return registries.every(({ reviewedAt }) => reviewedAt != null) ? 0 : 1;
}
