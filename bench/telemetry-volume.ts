import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { LocalAzure } from '../local/azure/local-azure.ts';
import { subscribeWebhooks } from '../local/azure/registries/subscribe-webhooks.ts';
import { sampleZoneMap } from '../local/azure/sample.ts';
import { subscribeApp } from '../local/azure/subscribe-app.ts';
import { benchRegistry } from './pushes.ts';
import { startBenchAzure } from './replication-app.ts';

const minutes = 3;
const images = 10;
const changes = 10;

/**
 * What the app exports: counts and bytes by kind, for each invocation of each function, over some minutes in which
 * sweeps and reviews run by themselves, images are pushed to three regions and container groups are created.
 */
export async function telemetryVolume(): Promise<string[]> {
  await using world = await startBenchAzure();
  const { azure } = world;
  await using collector = await startCollector();
  const lines: string[] = [];
  const host = await world.startApp({
    withTopic: true,
    settings: {
      DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      AUDIT_SCHEDULE: '30 * * * * *',
      REVIEW_SCHEDULE: '0 * * * * *',
    },
    onLine: (line) => void lines.push(line),
  });
  try {
    await subscribeApp(azure.eventGrid, {
      host: host.url,
      topic: 'evenkeel',
      registryEvents: [azure.registries.id(benchRegistry.name)],
    });
    subscribeWebhooks(azure.registries, { host: host.url, registry: benchRegistry.name });
    await play(azure);
  } finally {
    await host.stop();
  }
  return report(collector.received, lines);
}

/** The changes are in the first half, so that their copies and signals are over at the end. */
async function play(azure: LocalAzure): Promise<void> {
  const halfMs = minutes * 30_000;
  for (let i = 0; i < images; i += 1) {
    azure.registries.push({ registry: benchRegistry.name, repository: 'team/app', tag: `v${i}` });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: `web-${i % changes}` });
    await sleep(halfMs / images);
  }
  await sleep(halfMs);
}

interface Received {
  readonly path: string;
  readonly text: string;
}

async function startCollector() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
    received.push({ path: request.url ?? '', text });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the collector has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const spanSchema = v.looseObject({ traceId: v.string(), name: v.string(), attributes: v.array(v.unknown()) });
type Span = v.InferOutput<typeof spanSchema>;
const tracesSchema = v.object({
  resourceSpans: v.array(v.object({ scopeSpans: v.array(v.object({ spans: v.array(spanSchema) })) })),
});
const metricsSchema = v.object({
  resourceMetrics: v.array(
    v.object({ scopeMetrics: v.array(v.object({ metrics: v.array(v.looseObject({ name: v.string() })) })) }),
  ),
});

function report(received: readonly Received[], lines: readonly string[]): string[] {
  const texts = (path: string) => received.filter((one) => one.path === path).map(({ text }) => text);
  const spans = texts('/v1/traces').flatMap((text) =>
    v
      .parse(tracesSchema, JSON.parse(text))
      .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const metrics = texts('/v1/metrics');
  const series = metrics.flatMap((text) =>
    v
      .parse(metricsSchema, JSON.parse(text))
      .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
  );
  const functions = Map.groupBy(
    [...Map.groupBy(spans, ({ traceId }) => traceId).values()],
    (trace) => trace.find(isInvocation)?.name ?? '(no invocation)',
  );
  const rows = [...functions].toSorted(([a], [b]) => a.localeCompare(b)).map(functionRow);
  const own = lines.filter((line) => !/Executing 'Functions\.|Executed 'Functions\./.test(line));
  return [
    `${minutes} minutes, ${images} images to ${benchRegistry.replicas.length + 1} regions, ${changes} container groups`,
    ...rows,
    `metrics: ${metrics.length} exports, ${series.length} metrics, ${series.flatMap(pointsOf).length} points, ${bytesOf(metrics)} bytes`,
    `lines of the app: ${own.length}, ${bytesOf(own)} bytes; of the host: ${lines.length - own.length}`,
  ];
}

const isInvocation = ({ attributes }: Span): boolean => JSON.stringify(attributes).includes('"faas.name"');

function functionRow([name, traces]: readonly [string, readonly (readonly Span[])[]]): string {
  const spans = traces.flat();
  const invocations = spans.filter(isInvocation).length;
  const calls = spans.length - invocations;
  const bytes = bytesOf(spans.map((span) => JSON.stringify(span)));
  return `${name}: ${invocations} invocations, ${calls} other spans, ${bytes} bytes; for each ${(calls / invocations).toFixed(1)} spans below it, ${(bytes / invocations / 1_024).toFixed(1)} KiB`;
}

const pointsOf = (metric: Readonly<Record<string, unknown>>): unknown[] =>
  Object.values(metric).flatMap((value) =>
    typeof value === 'object' && value !== null && 'dataPoints' in value && Array.isArray(value.dataPoints)
      ? value.dataPoints
      : [],
  );

const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
