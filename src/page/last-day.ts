import type { History, StatusDocument } from '../status/schema.ts';
import { formatDuration, formatNumber, pluralize } from './format.ts';
import type { Tone } from './tone.ts';

/** How one half hour is drawn, and what is said of it. Heights are shares of the room for bars. */
export interface Cell {
  readonly text: string;
  /** Whether there is more to tell than that all was as usual. */
  readonly isNotable: boolean;
  /** Nobody looked. Nothing is drawn but a dot. */
  readonly isGap?: boolean;
  readonly tone: Tone;
  /** Height of a filled bar. */
  readonly solid: number;
  /** Height of an outlined bar behind it. */
  readonly hollow: number;
  /** A mark above the bars, and one below them. */
  readonly above?: boolean;
  readonly below?: boolean;
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

const nothing = { tone: 'none', solid: 0, hollow: 0 } as const;
const gap = (text: string): Cell => ({ ...nothing, text, isNotable: true, isGap: true });

const digit = (mark: string): number => Number.parseInt(mark, 36) || 0;

/** Drift that audits found in a spoke, and repairs by whatever triggered them. */
export function spokeLine({ key, audits, repairs }: History['spokes'][number]): Line {
  const byCell = new Map(repairs?.map(([index = 0, event = 0, audit = 0]) => [index, { event, audit }]));
  const marks = [...(audits ?? '')];
  const cells = marks.map((mark, index): Cell => {
    const { event = 0, audit = 0 } = byCell.get(index) ?? {};
    const repaired = [
      ...(event > 0 ? [`${pluralize(event, 'repair')} by event`] : []),
      ...(audit > 0 ? [`${pluralize(audit, 'repair')} by audit`] : []),
    ];
    const below = repaired.length > 0;
    const text = [auditText(mark), ...repaired].join(', ');
    if (mark === '.') return { ...gap(text), below };
    if (mark === '?') return { text, isNotable: true, tone: 'unknown', solid: 0, hollow: 0.5, below };
    const found = digit(mark);
    if (found === 0) return { text, isNotable: below, tone: 'ok', solid: 0.2, hollow: 0, below };
    const solid = 0.5 + 0.5 * Math.min(1, Math.log2(found) / 5);
    return { text, isNotable: true, tone: 'error', solid, hollow: 0, below };
  });
  const sum = (of: 'event' | 'audit') => [...byCell.values()].reduce((total, one) => total + one[of], 0);
  const withDrift = marks.filter((mark) => digit(mark) > 0).length;
  const gaps = gapsIn(marks);
  const unclear = marks.filter((mark) => mark === '?').length;
  const drift = withDrift === 0 ? 'no drift' : `drift in ${lasted(withDrift)}`;
  const parts = [
    audits === null ? 'audits cannot be read' : drift,
    repairs === null
      ? 'repairs cannot be read'
      : `${pluralize(sum('event'), 'repair')} by event, ${formatNumber(sum('audit'))} by audit`,
    ...(unclear > 0 ? [`not fully audited in ${lasted(unclear)}`] : []),
    ...(gaps > 0 ? [`not audited in ${lasted(gaps)}`] : []),
  ];
  return { key, name: key, summary: parts.join('; '), cells, state: stateOf(withDrift, gaps + unclear) };
}

function auditText(mark: string): string {
  if (mark === '.') return 'no audit';
  if (mark === '?') return 'audit incomplete';
  const found = digit(mark);
  return found === 0 ? 'no drift' : `${found >= 35 ? '35 or more findings' : pluralize(found, 'finding')}`;
}

const bits = { good: 1, bad: 2, unclear: 4, flagged: 8, off: 16 };

type ReplicaDay = NonNullable<History['registries']>[number]['replicas'][number];

/** What the reviews of a replica saw. */
export function replicaLine(registry: string, { region, name, reviews }: ReplicaDay): Line {
  const marks = [...reviews];
  const seen = (mark: string, bit: number) => mark !== '.' && (Number.parseInt(mark, 32) & bit) !== 0;
  const count = (bit: number) => marks.filter((mark) => seen(mark, bit)).length;
  const cells = marks.map((mark): Cell => {
    if (mark === '.') return gap('no review');
    const [bad, unclear, above, below] = [
      seen(mark, bits.bad),
      seen(mark, bits.unclear),
      seen(mark, bits.flagged),
      seen(mark, bits.off),
    ];
    const text = [
      ...(bad ? ['bad'] : []),
      ...(unclear ? ['could not tell'] : []),
      ...(seen(mark, bits.good) ? [bad || unclear ? 'good at times' : 'good'] : []),
      ...(above ? ['flagged'] : []),
      ...(below ? ['out of global routing'] : []),
    ].join(', ');
    const rest = { text, isNotable: bad || unclear || above || below, above, below };
    if (bad) return { ...rest, tone: 'error', solid: 1, hollow: 0 };
    if (unclear) return { ...rest, tone: 'unknown', solid: 0, hollow: 0.5 };
    return { ...rest, tone: 'ok', solid: 0.2, hollow: 0 };
  });
  const gaps = gapsIn(marks);
  const parts = (
    [
      ['bad', count(bits.bad)],
      ['flagged', count(bits.flagged)],
      ['out of global routing', count(bits.off)],
      ['could not tell', count(bits.unclear)],
      ['no review', gaps],
    ] as const
  ).flatMap(([what, cells]) => (cells === 0 ? [] : [`${what} in ${lasted(cells)}`]));
  return {
    key: `${registry}/${name}`,
    name: region,
    owner: registry,
    summary: parts.length === 0 ? 'good in every review' : parts.join('; '),
    cells,
    state: stateOf(count(bits.bad) + count(bits.flagged), gaps + count(bits.unclear)),
  };
}

/** How many copies came to a region, and how long they took. */
export function copiesLine(
  { region, copies }: NonNullable<History['copies']>[number],
  cellCount: number,
  slowestMs: number,
): Line {
  const byCell = new Map(copies.map(([index = 0, ...row]) => [index, row]));
  const height = (ms: number) => 0.08 + 0.92 * Math.min(1, Math.sqrt(ms / Math.max(1, slowestMs)));
  const cells = Array.from({ length: cellCount }, (_, index): Cell => {
    const [number = 0, p50Ms = 0, p95Ms = 0] = byCell.get(index) ?? [];
    if (number === 0) return { ...nothing, text: 'no copies', isNotable: false };
    return {
      text: `${pluralize(number, 'copy', 'copies')}, half within ${formatDuration(p50Ms)}, 95 % within ${formatDuration(p95Ms)}`,
      isNotable: true,
      tone: 'progress',
      solid: height(p50Ms),
      hollow: height(p95Ms),
    };
  });
  const total = copies.reduce((sum, [, number = 0]) => sum + number, 0);
  const worst = copies.reduce((most, [, , , p95Ms = 0]) => Math.max(most, p95Ms), 0);
  const summary =
    total === 0
      ? 'no copies'
      : `${pluralize(total, 'copy', 'copies')}; in the slowest half hour 95 % within ${formatDuration(worst)}`;
  return { key: region, name: region, summary, cells, state: 'quiet' };
}

/** All strips of a document, what was wrong first. */
export interface LastDay {
  readonly spokes: readonly Line[];
  readonly replicas: readonly Line[];
  readonly copies: readonly Line[];
}

/** @param shown what of the document the reader wants to see. */
export function lastDayOf(history: History, shown: Pick<StatusDocument, 'dns' | 'registries'>): LastDay {
  const keys = new Set(shown.dns.spokes.map(({ key }) => key));
  const replicas = new Set(
    shown.registries.flatMap(({ id, replicas }) => replicas.map(({ name }) => `${id} ${name}`)),
  );
  const regions = new Set(shown.registries.flatMap(({ replicas: all }) => all.map(({ region }) => region)));
  const names = new Map(shown.registries.map(({ id, registry }) => [id, registry]));
  const copies = history.copies?.filter(({ region }) => regions.has(region)) ?? [];
  const slowestMs = Math.max(0, ...copies.flatMap((one) => one.copies.map((row) => row[3] ?? 0)));
  return {
    spokes: inOrder(history.spokes.filter(({ key }) => keys.has(key)).map(spokeLine)),
    replicas: inOrder(
      (history.registries ?? []).flatMap(({ id, registry, replicas: all }) =>
        all
          .filter(({ name }) => replicas.has(`${id} ${name}`))
          .map((replica) => ({
            ...replicaLine(names.get(id) ?? registry, replica),
            key: `${id}/${replica.name}`,
          })),
      ),
    ),
    copies: copies.map((one) => copiesLine(one, history.cells, slowestMs)),
  };
}

const ranks = { wrong: 0, gap: 1, quiet: 2 };
const inOrder = (lines: readonly Line[]): Line[] => lines.toSorted((a, b) => ranks[a.state] - ranks[b.state]);

/** When a cell begins, in ISO 8601. */
export const startOf = ({ until, cells, cellMs }: History, index: number): string =>
  new Date(Date.parse(until) - (cells - index) * cellMs).toISOString();

/** The last half hour has only begun, so nobody need have looked yet. */
const gapsIn = (marks: readonly string[]): number => marks.slice(0, -1).filter((mark) => mark === '.').length;

const lasted = (cells: number): string => pluralize(cells, 'half hour');

const stateOf = (wrong: number, unclear: number): Line['state'] =>
  wrong > 0 ? 'wrong' : unclear > 0 ? 'gap' : 'quiet';
