import { describe, expect, it } from 'vitest';
import { evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import { runCommand } from '../run-command.ts';
import { scriptedApp } from '../scripted-app.ts';

const registryId = (name: string) =>
  `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/${name}`;
const env = {
  DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-a': {}, 'rg-spoke-b': { forwardZone: 1 } }),
  REGISTRIES: JSON.stringify([
    { id: registryId('first'), regions: ['westus', 'eastus'] },
    { id: registryId('second'), regions: 'all' },
  ]),
};
async function names(args: readonly string[], run: Parameters<typeof runCommand>[1] = {}) {
  const { exitCode, stdout, stderr } = await runCommand(['names', ...args], run);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('the names that shells complete', () => {
  it.each([
    [['registries'], ['first', 'second']],
    [['registries', 'SE'], ['second']],
    [['regions'], ['eastus', 'westus']],
    [['regions', 'westus,'], ['westus,eastus']],
    [['spokes'], ['rg-spoke-a', 'rg-spoke-b']],
    [['groups'], []],
  ])('come from the settings here: %j are %j', async (args, expected) => {
    expect(await names(args, { env })).toEqual(expected);
  });

  it('come from the last answer of the app, without a call', async () => {
    const cache = {};
    await using app = await scriptedApp({ status: 200, body: unevenStatus });
    await runCommand(['status', '--app', app.url], { cache });
    expect(await names(['regions', 'w'], { cache })).toEqual(['westeurope', 'westus']);
    expect(await names(['registries'], { cache })).toEqual(['myregistry']);
    expect(await names(['spokes'], { cache })).toEqual(['rg-spoke-a', 'rg-spoke-b']);
    const groups = await names(['groups', 'rg-spoke'], { cache });
    expect(groups).toContain('rg-spoke-a/web');
    expect((await names(['groups', '/sub'], { cache }))[0]).toMatch(
      /^\/subscriptions\/.*\/containergroups\//i,
    );
    expect(app.questions).toHaveLength(1);
  });

  it('are kept when a later answer has none of them', async () => {
    const cache = {};
    await using app = await scriptedApp(
      { status: 200, body: unevenStatus },
      { status: 200, body: { ...evenStatus, registries: [], dns: { ...evenStatus.dns, spokes: [] } } },
    );
    for (const _ of [1, 2]) await runCommand(['status', '--app', app.url], { cache });
    expect(await names(['registries'], { cache })).toEqual(['myregistry']);
    expect(await names(['groups'], { cache })).toContain('rg-spoke-a/web');
  });

  it.each(['$(touch pwned)', '`x`', 'a b', '*', "a'b", 'a;b', 'a\u202eb', ''])(
    'are words that no shell expands: not %j',
    async (name) => {
      const hostile = { DNS_ZONE_MAP: JSON.stringify({ [name]: {}, good: {} }) };
      expect(await names(['spokes'], { env: hostile })).toEqual(['good']);
      const cache = { text: JSON.stringify({ spokes: [name, 'good'] }) };
      expect(await names(['spokes'], { cache })).toEqual(['good']);
    },
  );

  it.each(['', '{', '[]', 'null', '{"spokes":{"a":1}}'])('are none in a file that holds %j', async (text) => {
    expect(await names(['spokes'], { cache: { text } })).toEqual([]);
  });
});
