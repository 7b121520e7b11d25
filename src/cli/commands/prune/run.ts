import { type Config, parseConfig } from '../../../config.ts';
import { findPrunable, type Prunable } from '../../../dns/prune/find.ts';
import { type Pruned, removeRecordSets } from '../../../dns/prune/remove.ts';
import { parseZoneId, type ZoneId } from '../../../dns/record-set.ts';
import type { ZoneMap } from '../../../dns/zone-map.ts';
import { type Environment, SettingError, settingValue, textOf } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { ArgumentError } from '../../argument-error.ts';
import { azureClientsOf, signedInClients } from '../../azure.ts';
import { isConfirmed } from '../../confirmation.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printLines, printResult } from '../../output/print-result.ts';
import { paletteOf } from '../../output/terminal.ts';
import {
  countingGroups,
  countingRecordSets,
  type ReadCounts,
  showProgress,
} from '../audit/reading-progress.ts';
import { type Answer, listLines, pruneDocument, resultLines } from './prune-output.ts';

interface PruneOptions extends Pick<SharedOptions, 'settings' | 'yes' | 'json'> {
  readonly zone?: readonly string[] | undefined;
}

/** As long as a sweep. */
const findMs = 9 * 60 * 1000;
/** A zone takes 60 deletions a minute. */
const removeMs = 30 * 60 * 1000;

/**
 * `evenkeel prune`: lists the record sets that nobody needs any more, asks, and removes them.
 * @returns the exit code: 0 nothing is left, 1 incomplete, 2 not confirmed, 3 something is left.
 * @throws {ArgumentError | SettingError} and the errors of the ports.
 */
export async function runPrune(options: PruneOptions, context: CliContext): Promise<number> {
  const { stdin, stdout, stderr, env, interrupted } = context;
  const namedZones = (options.zone ?? []).map(parseZoneArgument);
  const settings = await readSettings(options.settings, context);
  const config = parseConfig(settings);
  const zones = usableZoneMap(config, settings);
  const found = await find(config, zones, namedZones, context);
  interrupted.throwIfAborted();

  const canAsk = stdin.isTTY === true;
  if (!options.json || (canAsk && !options.yes)) {
    const output = options.json ? stderr : stdout;
    printLines(output, listLines(found, paletteOf(output, env)));
  }
  const answer = await answerTo(found, options.yes === true, canAsk, context);
  const pruned = answer === 'yes' ? await remove(config, found, context) : undefined;
  const exitCode = answer === 'no' ? 2 : exitCodeOf(found, pruned);
  printResult(context, options, {
    json: pruneDocument(found, pruned, exitCode),
    lines: (pc) => resultLines(answer, pruned, pc),
  });
  interrupted.throwIfAborted();
  return exitCode;
}

/** @throws {ArgumentError} */
function parseZoneArgument(text: string): ZoneId {
  const zone = parseZoneId(text.trim());
  if (zone === undefined) {
    throw new ArgumentError(
      `--zone: expected the ARM id of a private DNS zone, found ${JSON.stringify(text)}`,
    );
  }
  return zone;
}

/**
 * What may go depends on the whole map: without it every record set would look as if it could. Whoever wants just that
 * says so.
 * @throws {SettingError}
 */
function usableZoneMap({ zoneMap }: Config, settings: Environment): ZoneMap {
  if (textOf(settings, 'DNS_ZONE_MAP') === undefined) {
    throw new SettingError(
      'DNS_ZONE_MAP: expected the zone map of the app, found nothing; give --settings, or set it to {} when no spoke is left',
    );
  }
  const zones = settingValue(zoneMap);
  if (zones.problems.length > 0) {
    throw new SettingError(
      `${zones.problems.join('; ')}; correct it first, since prune goes by the whole map`,
    );
  }
  return zones;
}

async function find(
  config: Config,
  zones: ZoneMap,
  namedZones: readonly ZoneId[],
  context: CliContext,
): Promise<Prunable> {
  const request = {
    zones,
    namedZones,
    subscriptions: settingValue(config.auditSubscriptions),
    policy: settingValue(config.dnsPolicy),
  };
  const deadline = commandDeadline(findMs, context);
  const azure = await signedInClients(config, deadline);
  const [groups, recordSets, subscriptionLister] = await Promise.all([
    azure.containerGroups(),
    azure.recordSets(),
    azure.subscriptions(),
  ]);
  const counts: ReadCounts = { groups: 0, recordSets: 0 };
  const ports = {
    containerGroups: groups.reader,
    groupLister: countingGroups(groups.lister, counts),
    recordSetLister: countingRecordSets(recordSets.lister, counts),
    subscriptionLister,
  };
  const progress = showProgress(counts, context);
  try {
    return await findPrunable(request, ports, deadline);
  } finally {
    progress.close();
  }
}

async function remove(config: Config, found: Prunable, context: CliContext): Promise<Pruned> {
  const azure = azureClientsOf(config);
  const [groups, recordSets] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
  const ports = {
    containerGroups: groups.reader,
    recordSets: recordSets.writer,
    clock: context.clock,
  };
  return removeRecordSets(found, ports, commandDeadline(removeMs, context));
}

async function answerTo(
  { owners }: Prunable,
  isYes: boolean,
  canAsk: boolean,
  context: CliContext,
): Promise<Answer> {
  if (owners.length === 0) return 'unneeded';
  if (isYes) return 'yes';
  if (!canAsk) return 'unasked';
  const isAccepted = await isConfirmed('Remove these record sets?', context);
  context.interrupted.throwIfAborted();
  if (!isAccepted) printLines(context.stderr, ['nothing was removed']);
  return isAccepted ? 'yes' : 'no';
}

/**
 * | found | could not be read | removed      | exit code |
 * |-------|-------------------|--------------|-----------|
 * | any   | something         | any          | 1         |
 * | none  | nothing           | –            | 0         |
 * | some  | nothing           | not tried    | 3         |
 * | some  | nothing           | not all      | 3         |
 * | some  | nothing           | all          | 0         |
 */
function exitCodeOf({ owners, unread }: Prunable, pruned: Pruned | undefined): number {
  if (unread.length > 0) return 1;
  if (owners.length === 0) return 0;
  return pruned === undefined || pruned.left.length > 0 ? 3 : 0;
}
