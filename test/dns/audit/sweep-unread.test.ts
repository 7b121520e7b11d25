import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../../local/azure/sample.ts';
import { containerGroupAdapters } from '../../../src/azure/arm/container-groups.ts';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { subscriptionLister } from '../../../src/azure/arm/subscriptions.ts';
import type { AuditReport } from '../../../src/dns/audit/report.ts';
import { sweep } from '../../../src/dns/audit/sweep.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';
import { zoneMapOf } from '../fixtures.ts';

/** Answers in place of Azure; `undefined` lets a request through. */
type Interference = (request: SeenRequest) => Response | undefined;

let azure: LocalAzure;
let proxy: RecordingServer;
let interfere: Interference;

beforeEach(async () => {
  interfere = () => undefined;
  azure = await startLocalAzure({ containerGroupBehaviour: { pageSize: 2 }, quotas: { enabled: false } });
  proxy = await serveRecorded(async (request) => {
    const answer = interfere(request);
    if (answer !== undefined) return answer;
    const passed = await fetch(`${azure.armEndpoint}${request.path}`);
    // The next pages are asked for at the proxy, too.
    const text = (await passed.text()).replaceAll(azure.armEndpoint, proxy.url);
    return new Response(text, { status: passed.status, headers: { 'content-type': 'application/json' } });
  });
  for (const last of [4, 5, 6]) {
    const name = `app-${last}`;
    const address = `10.1.0.${last}`;
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
    const metadata = { evenkeelOwner: id.toLowerCase() };
    azure.zones.put('spoke-a.internal.contoso.com', 'A', name, { values: [address], metadata });
    const values = [`${name}.spoke-a.internal.contoso.com.`];
    azure.zones.put('1.10.in-addr.arpa', 'PTR', `${last}.0`, { values, metadata });
  }
});
afterEach(async () => {
  await proxy.close();
  await azure.close();
});

function run(before?: AuditReport) {
  const access = { endpoint: proxy.url, audience: 'unused', credential: undefined };
  const groups = containerGroupAdapters(access);
  const ports = {
    containerGroups: groups.reader,
    groupLister: groups.lister,
    recordSetLister: recordSetAdapters(access).lister,
    subscriptionLister: subscriptionLister(access),
    clock: { now: () => new Date() },
  };
  const request = {
    zones: zoneMapOf(sampleZoneMap),
    foreignRecords: 'overwrite',
    subscriptions: undefined,
    before,
  } as const;
  return sweep(request, ports, deadlineIn(10_000));
}

const isGroupList = ({ path }: SeenRequest) => /\/containerGroups\?/i.test(path);
const isSecondPage = ({ path }: SeenRequest) => /skiptoken/i.test(path);

describe('a sweep behind a proxy', () => {
  it('that lets everything through finds nothing', async () => {
    expect(await run()).toMatchObject({ complete: true, unread: [], findings: [] });
    expect(proxy.seen.some((request) => isGroupList(request) && isSecondPage(request))).toBe(true);
  });

  it.each<[string, () => Response]>([
    ['{}', () => Response.json({})],
    ['a value of null', () => Response.json({ value: null })],
    ['HTML', () => new Response('<title>Sign in</title>', { headers: { 'content-type': 'text/html' } })],
  ])('that answers a list of groups with %s takes no record for an orphan', async (_, bad) => {
    for (const isBad of [() => true, isSecondPage]) {
      interfere = (request) => (isGroupList(request) && isBad(request) ? bad() : undefined);
      const { complete, findings, unread } = await run();
      expect({ complete, findings }).toEqual({ complete: false, findings: [] });
      expect(unread).toEqual([
        {
          scope: expect.stringMatching(/^\/subscriptions\/[^/]+$/),
          reason: expect.stringMatching(
            /^the answer to GET \/subscriptions\/.*\/containerGroups is not a list of container groups: .*; is a proxy or a sign-in page in the way\?$/,
          ),
        },
      ]);
    }
  });

  it('that answers a list of subscriptions with {} is incomplete', async () => {
    interfere = ({ path }) => (/^\/subscriptions\?/.test(path) ? Response.json({}) : undefined);
    const { complete, findings, unread } = await run();
    expect({ complete, findings }).toEqual({ complete: false, findings: [] });
    expect(unread.map(({ scope }) => scope)).toContain('/subscriptions');
  });

  it('that goes on answering something else is incomplete since the first sweep that it misled', async () => {
    interfere = ({ path }) => (/\/PTR\?/i.test(path) ? Response.json({}) : undefined);
    const first = await run();
    expect(first.incompleteSince).toBe(first.finishedAt);
    const earlier = '2026-11-28T08:00:00.000Z';
    expect((await run({ ...first, incompleteSince: earlier })).incompleteSince).toBe(earlier);
    const { incompleteSince: _, ...ofOlderVersion } = { ...first, finishedAt: earlier };
    expect((await run(ofOlderVersion)).incompleteSince).toBe(earlier);
    interfere = () => undefined;
    const healed = await run({ ...first, incompleteSince: earlier });
    expect(healed).toMatchObject({ complete: true });
    expect(healed.incompleteSince).toBeUndefined();
  });

  it('that answers a list of record sets with {} misses none of them', async () => {
    interfere = ({ path }) => (/\/PTR\?/i.test(path) ? Response.json({}) : undefined);
    expect(await run()).toMatchObject({ complete: false, findings: [] });
  });
});
