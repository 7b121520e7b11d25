import { shownName } from '../../../status/shown-name.ts';
import { fetchStatus, findApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { selectRegistries } from '../../select-registries.ts';
import { readCopyReport } from './document.ts';
import { reportLines } from './report-lines.ts';

interface ReportOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly registry?: string | undefined;
}

/**
 * `evenkeel report`: shows how long copies take, and how to repair images that miss a region.
 * @returns the exit code: 0 no image is late, 1 something could not be read, 3 some are late.
 * @throws {SettingError | AppCallError | ArgumentError}
 */
export async function runReport(options: ReportOptions, context: CliContext): Promise<number> {
  const { status } = await fetchStatus(context, findApp(options.app, context.env), readCopyReport);
  const selected = selectRegistries(status, options.registry);
  const keys = new Set(selected.map(keyOf));
  const isSelected = (one: NamedRegistry) => options.registry === undefined || keys.has(keyOf(one));
  const copyTimes = status.copyTimes.filter(isSelected);
  const open = status.images.open.filter(isSelected);
  const late = open.filter(({ state }) => state === 'stalled');
  const shown = late.map((image) => ({ ...image, registry: shownName(image, status.registries) }));
  const unread = status.unknown.filter((part) => part === 'copyTimes' || part === 'images');
  const exitCode = unread.length > 0 ? 1 : late.length > 0 ? 3 : 0;
  printResult(context, options, {
    json: { now: status.now, copyTimes, images: late, pending: open.length - late.length, unread, exitCode },
    lines: (pc) =>
      reportLines({ copyTimes, late: shown, pending: open.length - late.length, unread }, pc, context.stdout),
  });
  return exitCode;
}

interface NamedRegistry {
  readonly registry: string;
  readonly loginServer: string | null;
}

/** Two registries may have one name. */
const keyOf = ({ registry, loginServer }: NamedRegistry): string => loginServer ?? registry;
