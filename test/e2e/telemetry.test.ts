import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudEvent } from './events.ts';
import { type Installation, install } from './installation.ts';

/** Takes what an OTLP exporter sends, as JSON text. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
async function collector() {
  const received: { path: string; text: string }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    received.push({ path: request.url ?? '', text });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    textOf: (path: string) =>
      received
        .filter((one) => one.path === path)
        .map(({ text }) => text)
        .join('\n'),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('telemetry', () => {
  let target: Awaited<ReturnType<typeof collector>>;
  let world: Installation;
  beforeAll(async () => {
    target = await collector();
    world = await install({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: target.url } });
    const id = world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect(await world.deliver(cloudEvent(id))).toBe(202);
    // What is left is sent when the host stops.
    await world.host.stop();
  });
  afterAll(async () => {
    await world.close();
    await target.close();
  });

  it('is one span an invocation, and one below it for each call to Azure', () => {
    const spans = target.textOf('/v1/traces');
    const { resourceSpans } = JSON.parse(spans.split('\n')[0] ?? '{}');
    const all: { name: string; spanId: string; parentSpanId?: string; traceId: string }[] =
      resourceSpans.flatMap((resource: { scopeSpans: { spans: [] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      );
    const invocations = all.filter(({ name }) => name === 'reconcileDns');
    expect(invocations).toHaveLength(1);
    // A host that has storage makes calls to that, too.
    const calls = all.filter(
      (span) => /^HTTP (GET|PUT)$/.test(span.name) && JSON.stringify(span).includes(world.azure.armEndpoint),
    );
    expect(calls.map(({ name }) => name).sort()).toEqual([
      ...Array.from({ length: 4 }, () => 'HTTP GET'),
      ...Array.from({ length: 2 }, () => 'HTTP PUT'),
    ]);
    for (const call of calls) expect(call.traceId).toBe(invocations[0]?.traceId);
  });

  it('counts repairs and says how long they took', () => {
    const measured = target.textOf('/v1/metrics');
    expect(measured).toContain('evenkeel.dns.repairs');
    expect(measured).toContain('evenkeel.dns.lag');
    expect(measured).toContain('"service.name"');
  });

  it('carries nothing of the persons that events tell of', () => {
    expect(target.textOf('/v1/traces') + target.textOf('/v1/metrics')).not.toMatch(
      /contoso\.example|203\.0\.113/,
    );
  });
});
