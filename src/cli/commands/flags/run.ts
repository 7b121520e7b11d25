import { selectRegistry } from '../../../registries/identify.ts';
import { registryKey } from '../../../registries/registry.ts';
import { AppCallError, fetchStatus, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { isFlagged, type ReplicaReport, type ReportedRegistry, readReplicaReport } from './document.ts';
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
  const flagged = registries.flatMap(({ replicas }) => replicas.filter(isFlagged)).length;
  const width = stdout.isTTY === true && stdout.columns ? stdout.columns : undefined;
  printResult(context, options, {
    json: { now, flagged, registries },
    lines: (pc) => flagsLines({ registries, now }, { all: options.all === true, width }, pc),
  });
  if (flagged > 0) return 3;
  return registries.every(({ reviewedAt }) => reviewedAt != null) ? 0 : 1;
}

/** @throws {ArgumentError | AppCallError} when no registry is left to show. */
function selectRegistries(
  { registries, problems }: ReplicaReport,
  name: string | undefined,
): readonly ReportedRegistry[] {
  if (registries.length === 0) {
    const badSetting = problems.find(
      ({ code, message }) => code === 'settingBad' && message.startsWith('REGISTRIES'),
    );
    throw new AppCallError(
      `the app watches no registry: ${badSetting?.message ?? 'its setting REGISTRIES is empty'}`,
    );
  }
  if (name === undefined) return registries;
  const identities = registries.map((registry) => ({
    registry,
    id: registryKey(registry.id),
    name: registry.registry,
    hosts: registry.hosts,
    loginServer: registry.loginServer ?? undefined,
  }));
  const selected = selectRegistry(name, identities);
  if (selected.kind === 'found') return [selected.entry.registry];
  const choices = (selected.kind === 'ambiguous' ? selected.entries : identities).map((one) => one.registry);
  if (selected.kind === 'ambiguous') {
    const several = choices.map(({ loginServer, id }) => loginServer ?? id).join(', ');
    throw new ArgumentError(
      `--registry: ${choices.length} registries have the name ${name}; name one of ${several}`,
    );
  }
  const known = choices.map(({ registry, loginServer }) => loginServer ?? registry).join(', ');
  throw new ArgumentError(`--registry: the app does not watch ${name}; it watches ${known}`);
}
