import { sendAll } from './http-load.ts';
import { benchImages, benchRegions, webhook, webhooksOf } from './pushes.ts';
import type { BenchAzure } from './replication-app.ts';
import { meterTables, type TableMeter } from './table-meter.ts';

const imageCount = 200;
const concurrency = 16;

/** Counts the table requests of one webhook: of a first one, of a duplicate, and of a duplicate to another process. */
export async function countTableRequests(
  { storage, startApp }: BenchAzure,
  { withTopic }: { readonly withTopic: boolean },
): Promise<string[]> {
  const meter = await meterTables(storage);
  const settings = { STATE: meter.connectionString };
  const name = withTopic ? 'with a topic' : 'without a topic';
  const images = benchImages(withTopic ? 'counted-topic' : 'counted-quiet', imageCount);
  const last = benchRegions.at(-1) ?? '';
  const again = (url: string) => images.map((image) => webhook(url, last, image));
  const hosts = [await startApp({ withTopic, settings }), await startApp({ withTopic, settings })] as const;
  const [first, second] = hosts;
  try {
    // The requests that create the tables do not count.
    for (const { url } of hosts) await sendAll(webhooksOf(url, benchImages('tables', 1)), 200, 1);
    meter.take();
    const counted = async (title: string, requests: ReturnType<typeof webhooksOf>) => {
      await sendAll(requests, 200, concurrency);
      return `${title} ${name}: ${describe(meter, requests.length)}`;
    };
    return [
      await counted('table requests a webhook', webhooksOf(first.url, images)),
      await counted('a duplicate to the same process', again(first.url)),
      await counted('a duplicate to another process', again(second.url)),
    ];
  } finally {
    for (const host of hosts) await host.stop();
    await meter.close();
  }
}

function describe(meter: TableMeter, requests: number): string {
  const counts = [...meter.take()].sort();
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const each = counts.map(([operation, count]) => `${operation} ${(count / requests).toFixed(2)}`);
  return `${(all / requests).toFixed(2)}${each.length === 0 ? '' : ` (${each.join(', ')})`}`;
}
