import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

/** What is paid for, in USD for `per` units, after the first `free` of a month. */
interface Price {
  readonly usd: number;
  readonly per: number;
  readonly free: number;
}

const price = (usd: number, per = 1, free = 0): Price => ({ usd, per, free });

/** Retail prices in USD. docs/scale.md says where each was read, and which are assumed. */
const retail = {
  'executions of functions': price(0.4, 1_000_000, 250_000),
  'GB-seconds of functions': price(0.000026, 1, 100_000),
  'operations of Event Grid': price(0.6, 1_000_000, 100_000),
  'transactions of tables': price(0.00036, 10_000),
  'transactions of queues': price(0.0004, 10_000),
  'GiB in tables': price(0.045),
  'GB of Log Analytics': price(2.3, 1, 5),
};
type Meter = keyof typeof retail;

/** The installation of docs/scale.md. */
const registries = 50;
const regions = 20;
const images = 1_000_000;
const changes = 300_000;
const sweeps = 30 * 24 * 4;
const reviews = 30 * 24 * 60;
const secondsOfMonth = 30 * 24 * 60 * 60;

/** As `call-counts` counts them; the most requests of a push are those of `webhook-acceptance`. */
const tablesOfPush = { least: 10.5, most: 47 };
const tablesOfImageLater = 3.3 + 4;
const tablesOfReview = 2 + 3 * registries;
const pushes = images * regions;
/** As `telemetry-volume` counts them, by docs/deploy.md. */
const logGiB = 107 + 73;
const gbOfGiB = 1.073741824;
/** An image, its tag and its place among the finished ones, each as large as an entity that is not small. */
const storedGiB = (3 * images * 2) / 1024 / 1024;

/** The least and the most units of a month. */
const units: Readonly<Record<Meter, readonly [least: number, most: number]>> = {
  'executions of functions': same(2 * pushes + 2 * changes + sweeps + reviews),
  // One instance of 2 GB that is busy all the time.
  'GB-seconds of functions': same(2 * secondsOfMonth),
  'operations of Event Grid': same(2 * pushes + 3 * changes + images),
  'transactions of tables': [
    images * (tablesOfPush.least + tablesOfImageLater) + reviews * tablesOfReview,
    images * (tablesOfPush.most + tablesOfImageLater) + reviews * tablesOfReview,
  ],
  'transactions of queues': same(secondsOfMonth / 5),
  'GiB in tables': same(storedGiB),
  'GB of Log Analytics': same(logGiB * gbOfGiB),
};

function same(count: number): readonly [number, number] {
  return [count, count];
}

const meters: readonly Meter[] = [
  'executions of functions',
  'GB-seconds of functions',
  'operations of Event Grid',
  'transactions of tables',
  'transactions of queues',
  'GiB in tables',
  'GB of Log Analytics',
];

const usdSchema = v.pipe(v.number('expected USD as a number'), v.minValue(0, 'expected 0 or more'));
const priceFile = v.record(v.picklist(meters, `expected one of ${meters.join(', ')}`), usdSchema);

export class PriceFileError extends Error {
  override readonly name = 'PriceFileError';
}

/** @throws {PriceFileError} which names the file and what is wrong. */
async function readPrices(path: string): Promise<Readonly<Partial<Record<Meter, number>>>> {
  try {
    return v.parse(priceFile, JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const where = v.isValiError(cause) ? v.getDotPath(cause.issues[0]) : null;
    const problem =
      cause instanceof SyntaxError ? 'is not JSON' : cause instanceof Error ? cause.message : String(cause);
    throw new PriceFileError(`${path}: ${where === null ? '' : `${where}: `}${problem}`, { cause });
  }
}

/**
 * What the installation of docs/scale.md costs a month, as rows of a table.
 *
 * @param path a JSON file with other prices in USD by meter, for as many units as the table says.
 */
export async function monthlyCost({
  prices,
}: {
  readonly prices?: string | undefined;
} = {}): Promise<string[]> {
  const own: Readonly<Partial<Record<Meter, number>>> = prices === undefined ? {} : await readPrices(prices);
  const totals: [number, number] = [0, 0];
  const rows = meters.map((meter) => {
    const { usd: usual, per, free } = retail[meter];
    const usd = own[meter] ?? usual;
    const [least, most] = units[meter].map((count) => (Math.max(0, count - free) * usd) / per);
    totals[0] += least ?? 0;
    totals[1] += most ?? 0;
    return `| ${meter} | ${range(units[meter], counted)} | ${shown(usd)} for ${counted(per)} | ${counted(free)} | ${range([least ?? 0, most ?? 0], money)} |`;
  });
  return [...rows, `| all | | | | ${range(totals, money)} |`];
}

const range = ([least, most]: readonly [number, number], text: (count: number) => string): string =>
  text(least) === text(most) ? text(least) : `${text(least)} to ${text(most)}`;

/** Three digits say more than the installation is known by. */
const counted = (count: number): string => Number(count.toPrecision(3)).toLocaleString('en-US');
const money = (usd: number): string => (usd < 10 ? usd.toFixed(2) : counted(Math.round(usd)));
const shown = (usd: number): string => usd.toLocaleString('en-US', { maximumSignificantDigits: 6 });
