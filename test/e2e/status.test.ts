import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textProperties } from '../../src/azure/storage/entities.ts';
import { journalTableName } from '../../src/azure/storage/journal.ts';
import { openTable } from '../../src/azure/storage/tables.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { cloudEvent } from './events.ts';
import { digestOf } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation } from './replication-installation.ts';

const schema = v.looseObject({
  even: v.boolean(),
  problems: v.array(v.object({ code: v.string(), message: v.string(), since: v.nullable(v.string()) })),
});

const repairsSchema = v.looseObject({ dns: v.object({ repairs: v.object({ event: v.number() }) }) });

describe('the status document', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication();
  });
  afterAll(() => world.close());

  async function status() {
    const answer = await fetch(`${world.host.url}/api/status`);
    expect(answer.status).toBe(200);
    return v.parse(schema, await answer.json());
  }

  it('says what is not known yet', async () => {
    const { even, problems } = await status();
    expect(even).toBe(false);
    expect(problems.map(({ code }) => code)).toEqual(['auditOverdue', 'reviewOverdue']);
  });

  it('tells of repairs, of images on their way and of every replica', async () => {
    const id = world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect(await world.deliver(cloudEvent(id))).toBe(202);
    await world.tell({ region: 'eastus', digest: digestOf('status'), tag: 'v1' });
    await world.review();
    const document = await status();
    expect(document).toMatchObject({
      version: expect.stringMatching(/^\d/),
      dns: {
        spokes: [{ key: 'rg-spoke-a', groups: 0, conflicts: 0 }, { key: 'rg-spoke-b' }],
        repairs: { event: 1, audit: 0 },
      },
      images: {
        open: [
          {
            registry: 'myregistry',
            repository: 'team/app',
            tag: 'v1',
            state: 'pending',
            regions: expect.anything(),
          },
        ],
      },
      registries: [
        {
          registry: 'myregistry',
          mode: 'flag',
          frozen: null,
          commonCause: false,
          replicas: ['eastus', 'southeastasia', 'westeurope', 'westus'].map((region) => ({
            ...{
              region,
              name: region,
              routed: true,
              verdict: 'ok',
              disabledByUs: false,
              reversals: 0,
              contested: false,
            },
            commands: {
              off: expect.stringContaining('--global-endpoint-routing false'),
              on: expect.stringContaining('--global-endpoint-routing true'),
            },
          })),
        },
      ],
      signals: { unpublished: 0, lastPublishedAt: null },
      history: {
        spokes: [
          { key: 'rg-spoke-a', audits: '.'.repeat(48), repairs: [[expect.any(Number), 1, 0]] },
          { key: 'rg-spoke-b', audits: '.'.repeat(48), repairs: [] },
        ],
        registries: [
          {
            registry: 'myregistry',
            replicas: ['eastus', 'southeastasia', 'westeurope', 'westus'].map((region) => ({
              region,
              name: region,
              // Reviews of this and perhaps the last half hour.
              reviews: expect.stringMatching(/^\.{46}[.14][.145]$/),
            })),
          },
        ],
        copies: [],
      },
    });
    expect(document.problems.map(({ code }) => code)).toEqual(['auditOverdue']);
  });

  it('is read in time, whatever number of processes has come and gone', async () => {
    const before = v.parse(repairsSchema, await (await fetch(`${world.host.url}/api/status`)).json());
    const connectionString = world.azure.storage?.connectionString ?? '';
    const table = openTable(journalTableName, { kind: 'connectionString', connectionString }, undefined);
    const at = new Date().toISOString();
    const pageOf = (process: number) => ({
      repairs: { [at.slice(0, 10)]: { event: 1, audit: 0 } },
      groups: {},
      signals: Array.from({ length: 50 }, (_, index) => ({
        id: `${process}-${index}`,
        type: 'evenkeel.dns.conflict',
        subject: '/sets/a/web',
        at,
      })),
    });
    for (let first = 0; first < 2_000; first += 100) {
      const pages = Array.from({ length: 100 }, (_, index) => ({
        partitionKey: 'journal',
        rowKey: `process-${first + index}`,
        ...textProperties(JSON.stringify(pageOf(first + index))),
      }));
      await table.transact(
        pages.map((page) => ['upsert', page, 'Replace']),
        deadlineIn(20_000),
      );
    }
    const document = await status();
    expect(document.problems.map(({ code }) => code)).not.toContain('partUnknown');
    expect(v.parse(repairsSchema, document).dns.repairs.event).toBe(before.dns.repairs.event + 2_000);
  });
});
