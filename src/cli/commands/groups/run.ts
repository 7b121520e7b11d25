import { parseConfig } from '../../../config.ts';
import { listGroups } from '../../../dns/audit/list-groups.ts';
import type { Unread } from '../../../dns/audit/report.ts';
import { subscriptionsOf } from '../../../dns/audit/sweep.ts';
import { settingValue } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { signedInClients } from '../../azure.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import { keepNames } from '../../known-names.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { usableZoneMap } from '../../zone-map.ts';
import { countingGroups, type ReadCounts, showProgress } from '../audit/reading-progress.ts';
import { groupLines } from './group-lines.ts';
import { type GroupRow, groupRow, isWrong, recordKeyOf } from './group-row.ts';
import { listerOf, narrowedZones } from './narrowed-scope.ts';
import { readRecords } from './read-records.ts';

interface GroupsOptions extends Pick<SharedOptions, 'settings' | 'json'> {
  readonly spoke?: string | undefined;
  readonly name?: string | undefined;
  readonly wrong?: true | undefined;
}

const listMs = 5 * 60 * 1000;
const concurrency = 6;

/**
 * `evenkeel groups`: lists container groups beside their A record sets.
 * @returns the exit code: 0 all right, 1 something could not be read, 3 some are wrong.
 * @throws {ArgumentError | SettingError | NotSignedInError}
 */
export async function runGroups(options: GroupsOptions, context: CliContext): Promise<number> {
  const { rows, unread } = await readRows(options, context);
  const shown = options.wrong ? rows.filter(isWrong) : rows;
  const isWhole = options.spoke === undefined && options.name === undefined;
  if (isWhole && unread.length === 0) {
    const groups = rows.map(({ containerGroup }) => containerGroup);
    await keepNames(context, (before) => ({ ...before, groups }));
  }
  const exitCode = unread.length > 0 ? 1 : rows.some(isWrong) ? 3 : 0;
  printResult(context, options, {
    json: { groups: shown, unread, exitCode },
    lines: (pc) => groupLines({ shown, total: rows.length, unread }, pc, context.stdout),
  });
  return exitCode;
}

async function readRows(
  { settings, spoke: spokeName, name }: GroupsOptions,
  context: CliContext,
): Promise<{ readonly rows: readonly GroupRow[]; readonly unread: readonly Unread[] }> {
  const config = parseConfig(await readSettings(settings, context));
  const zones = narrowedZones(usableZoneMap(config), spokeName);
  const deadline = commandDeadline(listMs, context);
  const azure = await signedInClients(config, deadline);
  const [groups, recordSets, subscriptions] = await Promise.all([
    azure.containerGroups(),
    azure.recordSets(),
    azure.subscriptions(),
  ]);
  const counts: ReadCounts = { groups: 0, recordSets: 0 };
  const progress = showProgress(counts, context);
  try {
    const scope = await subscriptionsOf(
      zones,
      settingValue(config.auditSubscriptions),
      subscriptions,
      deadline,
    );
    const groupLister = spokeName === undefined ? groups.lister : listerOf(groups.lister, zones);
    const ports = { containerGroups: groups.reader, groupLister: countingGroups(groupLister, counts) };
    const listing = await listGroups(scope, zones, ports, concurrency, deadline);
    context.interrupted.throwIfAborted();
    const wanted = listing.groups
      .filter(({ id }) => name === undefined || id.name.toLowerCase().includes(name.toLowerCase()))
      .toSorted((a, b) => (a.id.key < b.id.key ? -1 : 1))
      .flatMap((group) => {
        const spoke = zones.spokeOf(group.id);
        return spoke === undefined ? [] : [{ group, spoke, key: recordKeyOf(group, spoke) }];
      });
    const keys = wanted.flatMap(({ key }) => key ?? []);
    const { recordOf, unread } = await readRecords(keys, recordSets, deadline);
    context.interrupted.throwIfAborted();
    return {
      rows: wanted.map(({ group, spoke, key }) => groupRow(group, spoke, key && recordOf(key))),
      unread: [
        ...zones.problems.map((reason) => ({ scope: 'DNS_ZONE_MAP', reason })),
        ...scope.unread,
        ...listing.unread,
        ...unread,
      ],
    };
  } finally {
    progress.close();
  }
}
