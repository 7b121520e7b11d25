import type { History, StatusDocument } from '../status/schema.ts';
import { formatDuration, formatNumber, pluralize } from './format.ts';
import type { Tone } from './tone.ts';

/** How one half hour is drawn, and what is said of it. Heights are shares of the room for bars. */
export interface Cell {
  readonly text?: string;
  readonly tone?: Tone;
  /** Height of a filled bar. */
  readonly solid?: number;
  /** Height of an outlined bar behind it. */
  readonly hollow?: number;
  /** A mark above the bars, and one below them. */
  readonly above?: boolean;
  readonly below?: boolean;
  /** Nobody looked, which is told by a pair of dots. */
  readonly isGap?: boolean;
}

/** The last 24 hours of one thing. */
export interface Line {
  readonly key: string;
  readonly name: string;
  /** What it belongs to. */
  readonly owner?: string;
  /** What the strip shows, in words. */
  readonly summary: string;
  readonly cells: readonly Cell[];
  /** Something was wrong, nobody looked for a time, or neither. */
  readonly state: 'wrong' | 'gap' | 'quiet';
}

/** What bars look like, the same for audits and for reviews. */
export const bars = {
  good: { tone: 'ok', solid: 0.2 },
  unclear: { tone: 'unknown', hollow: 0.5 },
  bad: { tone: 'error', solid: 1 },
  gap: { isGap: true },
} as const satisfies Record<string, Cell>;

const isNumber = (mark: string): boolean => mark !== '.' && mark !== '?';
const digit = (mark: string, base = 36): number => Number.parseInt(mark, base) || 0;

/** Drift that audits found in a spoke, and repairs by whatever triggered them. */
export function spokeLine({ key, audits, repairs }: History['spokes'][number]): Line {
  const marks = [...(audits ?? '')];
  const cells = marks.map((mark, at): Cell => {
    const [, byEvent = 0, byAudit = 0] = repairs?.find(([index]) => index === at) ?? [];
    const found = digit(mark);
    const [bar, said]: [Cell, string] =
      mark === '.'
        ? [bars.gap, 'no audit']
        : mark === '?'
          ? [bars.unclear, 'audit incomplete']
          : found === 0
            ? [bars.good, 'no drift']
            : [
                { tone: 'error', solid: 0.5 + Math.log2(found) / 11 },
                found > 34 ? '35 or more findings' : pluralize(found, 'finding'),
              ];
    const below = byEvent + byAudit > 0;
    return { ...bar, below, text: below ? `${said}, ${repairsText(byEvent, byAudit)}` : said };
  });
  const sum = (column: 1 | 2) => (repairs ?? []).reduce((total, row) => total + (row[column] ?? 0), 0);
  const drifted = count(marks, (mark) => digit(mark) > 0);
  const unclear = count(marks, (mark) => mark === '?');
  const gaps = gapsIn(marks);
  return {
    key,
    name: key,
    cells,
    summary: joined([
      audits === null
        ? 'audits cannot be read'
        : lasted('drift', drifted) || (marks.some(isNumber) ? 'no drift' : ''),
      repairs === null ? 'repairs cannot be read' : repairsText(sum(1), sum(2)),
      lasted('audit incomplete', unclear),
      lasted('no audit', gaps),
    ]),
    state: stateOf(drifted, unclear, marks),
  };
}

const repairsText = (byEvent: number, byAudit: number): string =>
  `${pluralize(byEvent + byAudit, 'repair')}${byAudit > 0 ? ` (${formatNumber(byAudit)} by audit)` : ''}`;

type ReplicaDay = NonNullable<History['registries']>[number]['replicas'][number];

/** What reviews may have seen of a replica, by its bit. */
const seen: readonly (readonly [bit: number, text: string])[] = [
  [2, 'bad'],
  [8, 'flagged'],
  [16, 'out of global routing'],
  [4, 'could not tell'],
];

/** What the reviews of a replica saw. */
export function replicaLine(registry: string, { region, name, reviews }: ReplicaDay): Line {
  const marks = [...reviews];
  const cells = marks.map((mark): Cell => {
    if (mark === '.') return { ...bars.gap, text: 'no review' };
    const bits = digit(mark, 32);
    const texts = seen.flatMap(([bit, text]) => (bits & bit ? text : []));
    return {
      ...(bits & 2 ? bars.bad : bits & 4 ? bars.unclear : bars.good),
      above: (bits & 8) > 0,
      below: (bits & 16) > 0,
      text: [...texts, ...(bits & 1 ? [bits & 6 ? 'good at times' : 'good'] : [])].join(', '),
    };
  });
  const of = (bits: number) => count(marks, (mark) => (digit(mark, 32) & bits) > 0);
  const gaps = gapsIn(marks);
  return {
    key: `${registry}/${name}`,
    name: region,
    owner: registry,
    cells,
    summary:
      joined([...seen.map(([bit, text]) => lasted(text, of(bit))), lasted('no review', gaps)]) ||
      'good in every review',
    state: stateOf(of(2 + 8), of(4), marks),
  };
}

/** How many copies came to a region, and how long they took. */
export function copiesLine(
  { region, copies }: NonNullable<History['copies']>[number],
  cellCount: number,
  slowestMs: number,
): Line {
  const height = (ms: number) => 0.1 + 0.9 * Math.sqrt(ms / Math.max(1, slowestMs));
  const cells = Array.from({ length: cellCount }, (_, at): Cell => {
    const [, number, p50Ms = 0, p95Ms = 0] = copies.find(([index]) => index === at) ?? [];
    if (number === undefined) return { text: 'no copies' };
    return {
      text: `${copiesText(number)}, half within ${formatDuration(p50Ms)}, 95 % within ${formatDuration(p95Ms)}`,
      tone: 'progress',
      solid: height(p50Ms),
      hollow: height(p95Ms),
    };
  });
  const total = copies.reduce((sum, [, number = 0]) => sum + number, 0);
  const worst = formatDuration(Math.max(0, ...copies.map((row) => row[3] ?? 0)));
  return {
    key: region,
    name: region,
    cells,
    summary: `${copiesText(total)}${total === 0 ? '' : `; in the slowest half hour 95 % within ${worst}`}`,
    state: 'quiet',
  };
}

export const copiesText = (number: number): string => pluralize(number, 'copy', 'copies');

/** All strips of a document, what was wrong first. */
export interface LastDay {
  readonly spokes: readonly Line[];
  readonly replicas: readonly Line[];
  readonly copies: readonly Line[];
}

/** @param shown what of the document the reader wants to see. */
export function lastDayOf(history: History, shown: Pick<StatusDocument, 'dns' | 'registries'>): LastDay {
  const keys = new Set(shown.dns.spokes.map(({ key }) => key));
  const registries = new Map(shown.registries.map((registry) => [registry.id, registry]));
  const regions = new Set(shown.registries.flatMap(({ replicas }) => replicas.map(({ region }) => region)));
  const copies = (history.copies ?? []).filter(({ region }) => regions.has(region));
  const slowestMs = Math.max(0, ...copies.flatMap((one) => one.copies.map((row) => row[3] ?? 0)));
  return {
    spokes: inOrder(history.spokes.filter(({ key }) => keys.has(key)).map(spokeLine)),
    replicas: inOrder(
      (history.registries ?? []).flatMap(({ id, registry, replicas }) => {
        const names = new Set(registries.get(id)?.replicas.map(({ name }) => name));
        return replicas
          .filter(({ name }) => names.has(name))
          .map((replica) => ({ ...replicaLine(registry, replica), key: `${id}/${replica.name}` }));
      }),
    ),
    copies: copies.map((one) => copiesLine(one, history.cells, slowestMs)),
  };
}

const ranks = { wrong: 0, gap: 1, quiet: 2 };
const inOrder = (lines: readonly Line[]): Line[] => lines.toSorted((a, b) => ranks[a.state] - ranks[b.state]);

/** When a cell begins, in ISO 8601. */
export const startOf = ({ until, cells, cellMs }: History, index: number): string =>
  new Date(Date.parse(until) - (cells - index) * cellMs).toISOString();

const count = (marks: readonly string[], matches: (mark: string) => boolean): number =>
  marks.filter(matches).length;

/** The last half hour has only begun, so nobody need have looked yet. */
const gapsIn = (marks: readonly string[]): number => count(marks.slice(0, -1), (mark) => mark === '.');

const lasted = (what: string, cells: number): string =>
  cells === 0 ? '' : `${what} in ${pluralize(cells, 'half hour')}`;
const joined = (parts: readonly string[]): string => parts.filter(Boolean).join('; ');

/** Nobody looked before the app was installed, which is no gap. */
const stateOf = (wrong: number, unclear: number, marks: readonly string[]): Line['state'] =>
  wrong > 0
    ? 'wrong'
    : unclear > 0 || gapsIn(marks.slice(marks.findIndex((mark) => mark !== '.'))) > 0
      ? 'gap'
      : 'quiet';
