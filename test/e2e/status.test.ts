import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudEvent } from './events.ts';
import { digestOf } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation } from './replication-installation.ts';

const schema = v.looseObject({
  even: v.boolean(),
  problems: v.array(v.object({ code: v.string(), message: v.string(), since: v.nullable(v.string()) })),
});

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
    });
    expect(document.problems.map(({ code }) => code)).toEqual(['auditOverdue']);
  });
});
