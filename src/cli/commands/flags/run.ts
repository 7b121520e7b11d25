import * as v from 'valibot';
import { registryNameOf } from '../../../registries/registry.ts';
import { AppCallError, askApp } from '../../app-call.ts';
import { findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import { isFlagged, type ReplicaReport, type ReportedRegistry, readReplicaReport } from './document.ts';
import { flagsLines } from './flags-lines.ts';

const optionsSchema = v.object({
  app: v.optional(v.string()),
  registry: v.optional(v.string()),
  all: v.optional(v.boolean(), false),
  json: v.optional(v.boolean(), false),
});

/**
 * `evenkeel flags`: which replicas should be out of global routing, and why.
 * @returns the exit code: 0 none, 1 not all is known, 3 some.
 * @throws {SettingError | AppCallError | ArgumentError}
 */
export async function runFlags(rawOptions: unknown, context: CliContext): Promise<number> {
  const { app, registry, all, json } = v.parse(optionsSchema, rawOptions);
  const { stdout, env } = context;
  const report = readReplicaReport(await askApp(context, findApp(app, env), '/api/status'));
  if (report === undefined) {
    throw new AppCallError(
      'the app answered something that is no status; is another version deployed there?',
    );
  }
  const registries = wanted(report, registry);
  const { now } = report;
  const flagged = registries.flatMap(({ replicas }) => replicas.filter(isFlagged)).length;
  const width = stdout.isTTY === true && stdout.columns ? stdout.columns : undefined;
  const lines = json
    ? [JSON.stringify({ now, flagged, registries }, undefined, 2)]
    : flagsLines({ registries, now }, { all, width }, paletteOf(stdout, env));
  stdout.write(`${lines.join('\n')}\n`);
  if (flagged > 0) return 3;
  return registries.every(({ reviewedAt }) => reviewedAt != null) ? 0 : 1;
}

/** @throws {ArgumentError | AppCallError} when there is none, because nothing would be known then. */
function wanted(
  { registries, problems }: ReplicaReport,
  name: string | undefined,
): readonly ReportedRegistry[] {
  if (registries.length === 0) {
    const wrong = problems.find(
      ({ code, message }) => code === 'settingBad' && message.startsWith('REGISTRIES'),
    );
    throw new AppCallError(
      `the app watches no registry: ${wrong?.message ?? 'its setting REGISTRIES is empty'}`,
    );
  }
  if (name === undefined) return registries;
  const found = registries.filter(({ registry }) => registry === registryNameOf(name));
  if (found.length > 0) return found;
  const known = registries.map(({ registry }) => registry).join(', ');
  throw new ArgumentError(`--registry: the app does not watch ${registryNameOf(name)}; it watches ${known}`);
}
