import { formatDuration } from '../../output/duration.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import type { CopyTimes, OpenImage } from './document.ts';

interface Shown {
  readonly copyTimes: readonly CopyTimes[];
  /** Those that miss a region after their objective. */
  readonly late: readonly OpenImage[];
  /** How many images are on their way in time. */
  readonly pending: number;
  /** What the app could not read. */
  readonly unread: readonly string[];
}

/** The copy times of each registry, and then the images that miss a region, with their repairs. */
export function reportLines(
  { copyTimes, late, pending, unread }: Shown,
  pc: Palette,
  screen: Screen,
): string[] {
  const byRegistry = Map.groupBy(copyTimes, ({ registry, loginServer }) => loginServer ?? registry);
  const tables = [...byRegistry].map(([registry, times]) => registryLines(registry, times, pc));
  const nothing = unread.includes('copyTimes') ? [] : ['No copy has been measured yet.'];
  return [
    ...(tables.length === 0
      ? nothing
      : tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))),
    '',
    ...imageLines(late, pending, unread, pc, screen),
    ...unread.flatMap((part) =>
      wrapLine(`${pc.red('✖')} the app cannot read ${partNames[part] ?? part} now`, screen),
    ),
  ];
}

const partNames: Readonly<Record<string, string>> = {
  copyTimes: 'the copy times',
  images: 'the list of images',
};

function registryLines(registry: string, times: readonly CopyTimes[], pc: Palette): string[] {
  const objectiveMs = times[0]?.objectiveMs ?? 0;
  const objective = objectiveMs === 0 ? '' : pc.dim(`  objective ${formatDuration(objectiveMs)}`);
  const rows = times.map(({ region, samples, p50Ms, p95Ms, withinObjective }) => [
    region,
    String(samples),
    formatTime(p50Ms),
    objectiveMs > 0 && p95Ms > objectiveMs ? pc.red(formatTime(p95Ms)) : formatTime(p95Ms),
    withinObjective === null ? '-' : formatShare(withinObjective),
  ]);
  const titles = ['region', 'copies', 'p50', 'p95', 'in time'];
  return [`${pc.bold(registry)}${objective}`, ...tableLines({ titles }, rows, pc)];
}

/** A tenth of a second matters in a few seconds, and not in more. */
const formatTime = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms));

/** Rounded down, so that 100% means all. */
const formatShare = (share: number): string => `${Math.floor(share * 100)}%`;

function imageLines(
  late: readonly OpenImage[],
  pending: number,
  unread: readonly string[],
  pc: Palette,
  screen: Screen,
): string[] {
  if (unread.includes('images')) return [];
  const onTheirWay = pending === 0 ? '' : `; ${count(pending, 'image')} in replication`;
  if (late.length === 0) {
    return wrapLine(`${pc.green('✔')} No image misses a region after its objective${onTheirWay}`, screen);
  }
  const verb = late.length === 1 ? 'misses' : 'miss';
  return [
    ...wrapLine(
      `${pc.red('✖')} ${count(late.length, 'image')} ${verb} a region after the objective${onTheirWay}`,
      screen,
    ),
    ...late.flatMap((image) => ['', ...lateImageLines(image, pc, screen)]),
  ];
}

function lateImageLines(image: OpenImage, pc: Palette, screen: Screen): string[] {
  const { regions, ageMs, repairs, diverged } = image;
  const missing = regions.filter(({ state }) => state !== 'available').map(({ region }) => region);
  const what = diverged ? 'resolves to another digest, or is missing, in' : 'is missing in';
  // The app sends the first repairs only; the others differ in the region.
  const others = missing.filter((region) => !repairs.some((repair) => repair.region === region));
  const likewise =
    repairs.length === 0 || others.length === 0
      ? []
      : wrapLine(`  Likewise for ${others.join(', ')}`, screen);
  return [
    ...wrapLine(
      `${pc.bold(imageName(image))} ${what} ${missing.join(', ')} after ${formatDuration(ageMs)}`,
      screen,
      2,
    ),
    ...repairs.flatMap(({ region, from, commands }) => [
      ...wrapLine(
        `  ${from === null ? `To push it to ${region} again, where it was built` : `To copy it from ${from} to ${region}`}:`,
        screen,
      ),
      ...commands.map((command) => `    ${command}`),
    ]),
    ...likewise,
  ];
}

const imageName = ({ registry, repository, tag, digest }: OpenImage): string =>
  `${registry}/${repository}${tag === null ? `@${digest}` : `:${tag}`}`;
