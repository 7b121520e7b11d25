import { describe, expect, it } from 'vitest';
import { parseRegistries } from '../../src/registries/settings.ts';
import { settingValue } from '../../src/settings/setting.ts';
import { messageOf } from '../support/bad-setting.ts';

const idOf = (name: string) =>
  `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/${name}`;
const id = idOf('MyRegistry');
const registriesOf = (...entries: unknown[]) => settingValue(parseRegistries(JSON.stringify(entries)));
const problemOf = (entry: unknown) => registriesOf(entry).problems.join('\n');

describe('REGISTRIES', () => {
  it.each([undefined, '', ' ', '[]'])('with the text %j names no registry', (text) => {
    const registries = settingValue(parseRegistries(text));
    expect(registries).toMatchObject({ all: [], problems: [] });
    expect(registries.entries).toEqual([]);
  });

  it('requires an id and nothing else', () => {
    expect(registriesOf({ id }).all).toEqual([
      {
        id,
        name: 'myregistry',
        subscriptionId: '11111111-2222-3333-4444-555555555555',
        resourceGroup: 'rg',
        regions: 'all',
        replicationSloMs: 600_000,
        probe: true,
        hosts: [],
        minimumRoutable: 2,
        endpoints: new Map(),
        policy: [],
        review: {},
      },
    ]);
  });

  it.each([
    ['team/app:v1', { repository: 'team/app', reference: 'v1' }],
    [`team/app@sha256:${'a'.repeat(64)}`, { repository: 'team/app', reference: `sha256:${'a'.repeat(64)}` }],
  ])('pulls %s', (probeImage, expected) => {
    expect(registriesOf({ id, probe: 'pull', probeImage }).all[0]).toMatchObject({
      probe: 'pull',
      probeImage: expected,
    });
  });

  it('accepts every property of an entry, and normalizes regions', () => {
    const entry = {
      id: id.toLowerCase(),
      regions: ['West US', 'eastus', 'EastUS'],
      replicationSlo: 'PT1H30M',
      probe: false,
      minimumRoutable: 2,
      endpoints: { 'East US': 'https://myregistry.eastus.geo.azurecr.io/', westus: 'http://127.0.0.1:5001' },
      policy: [
        { region: 'East US 2 EUAP', routing: 'never' },
        { region: 'westus', routing: 'off', from: '2026-12-01T00:00:00Z', to: '2026-12-01T04:00:00+02:00' },
      ],
      review: { raise: '2/4', clear: 7 },
    };
    expect(registriesOf(entry)).toMatchObject({ problems: [], all: [{ id: id.toLowerCase() }] });
    expect(registriesOf(entry).all[0]).toMatchObject({
      regions: ['westus', 'eastus'],
      replicationSloMs: 5_400_000,
      probe: false,
      minimumRoutable: 2,
      endpoints: new Map([
        ['eastus', { url: 'https://myregistry.eastus.geo.azurecr.io', isInsecure: false }],
        ['westus', { url: 'http://127.0.0.1:5001', isInsecure: true }],
      ]),
      policy: [
        { region: 'eastus2euap', routing: 'never' },
        {
          region: 'westus',
          routing: 'off',
          from: new Date('2026-12-01T00:00:00Z'),
          to: new Date('2026-12-01T02:00:00Z'),
        },
      ],
      review: { raise: { bad: 2, of: 4 }, clear: 7 },
    });
  });
});

describe('an entry of REGISTRIES', () => {
  const never = { region: 'eastus', routing: 'never' };
  const off = { region: 'eastus', routing: 'off', from: '2026-12-01T04:00:00Z', to: '2026-12-02T04:00:00Z' };

  it.each<[string, unknown, string]>([
    ['that is text', 'myregistry', 'REGISTRIES[0]: expected Object, found "myregistry"'],
    ['without an id', {}, 'REGISTRIES[0].id: expected a value, found nothing'],
    ['whose id is a name', { id: 'myregistry' }, 'REGISTRIES[0].id: found "myregistry", expected the ARM id'],
    ['whose id is that of a replication', { id: `${id}/replications/eastus` }, 'REGISTRIES[0].id: found'],
    ['whose id is of another provider', { id: id.replace('Registry/', 'Instance/') }, '[0].id: found'],
    [
      'with an unknown key',
      { id, region: 'all' },
      'REGISTRIES[0].region: found an unknown key, expected a known one; remove it or correct its spelling',
    ],
    [
      'with an unknown key deeper down',
      { id, review: { rise: '3/5' } },
      'REGISTRIES[0].review.rise: found an unknown key, expected a known one; remove it or correct its spelling',
    ],
    [
      'with an unknown key in a rule',
      { id, policy: [{ ...never, from: '2026-12-01T04:00:00Z' }] },
      'REGISTRIES[0].policy[0].from: found an unknown key, expected a known one',
    ],
    [
      'with regions that are text',
      { id, regions: 'some' },
      'REGISTRIES[0].regions: expected "all", found "some"',
    ],
    ['with a review that is a list', { id, review: [] }, '[0].review: found Array, expected an object'],
    [
      'with endpoints that are a list',
      { id, endpoints: [] },
      '[0].endpoints: found Array, expected an object',
    ],
    ['with no regions', { id, regions: [] }, 'REGISTRIES[0].regions: found 0, expected a region'],
    [
      'with a region that is none',
      { id, regions: ['eastus', 'west/us'] },
      'REGISTRIES[0].regions[1]: found "west/us", expected an Azure region such as westus',
    ],
    [
      'with a region that is a number',
      { id, regions: [7] },
      'REGISTRIES[0].regions[0]: expected string, found 7',
    ],
    [
      'with an objective that is no duration',
      { id, replicationSlo: '10 minutes' },
      'REGISTRIES[0].replicationSlo: found "10 minutes", expected a positive ISO 8601 duration such as PT10M',
    ],
    [
      'with an objective of nothing',
      { id, replicationSlo: 'PT0S' },
      '.replicationSlo: found "PT0S", expected',
    ],
    [
      'with an objective in seconds',
      { id, replicationSlo: 600 },
      '.replicationSlo: expected string, found 600',
    ],
    [
      'with a probe that is text',
      { id, probe: 'true' },
      'REGISTRIES[0].probe: expected (boolean | "pull"), found "true"',
    ],
    ...[
      'team/app',
      'team/app:',
      'Team:v1',
      'team/app@sha256:12',
      ':v1',
      'team/app:v1@v2',
      'team/app:v1+2',
      'myregistry.azurecr.io/team/app:v1',
    ].map((probeImage): [string, object, string] => [
      `with the image ${probeImage}`,
      { id, probe: 'pull', probeImage },
      `REGISTRIES[0].probeImage: found "${probeImage}", expected an image such as team/app:v1 or team/app@sha256:…`,
    ]),
    [
      'that keeps no replica routed',
      { id, minimumRoutable: 0 },
      'REGISTRIES[0].minimumRoutable: found 0, expected a whole number from 1 to 100',
    ],
    ['with half a replica', { id, minimumRoutable: 1.5 }, '.minimumRoutable: found 1.5, expected'],
    [
      'with plain http that leaves the machine',
      { id, endpoints: { eastus: 'http://eastus.example.com' } },
      'REGISTRIES[0].endpoints.eastus: expected https (plain http is accepted on loopback only)',
    ],
    [
      'with two bad endpoints',
      { id, endpoints: { eastus: 'x', westus: 'y' } },
      'REGISTRIES[0].endpoints.eastus: expected an https URL, found "x"; REGISTRIES[0].endpoints.westus: expected',
    ],
    [
      'with an endpoint of no region',
      { id, endpoints: { 'east.us': 'https://eastus.example.com' } },
      'REGISTRIES[0].endpoints["east.us"]: found "east.us", expected an Azure region',
    ],
    [
      'with a rule of another kind',
      { id, policy: [{ region: 'eastus', routing: 'on' }] },
      'REGISTRIES[0].policy[0].routing: expected ("never" | "off"), found "on"',
    ],
    [
      'with a window without an end',
      { id, policy: [never, { ...off, to: undefined }] },
      'REGISTRIES[0].policy[1].to: expected a value, found nothing',
    ],
    [
      'with a window that ends before it begins',
      { id, policy: [{ ...off, to: off.from }] },
      'REGISTRIES[0].policy[0]: found from 2026-12-01T04:00:00.000Z to 2026-12-01T04:00:00.000Z, expected a window',
    ],
    [
      'with a time that names no zone',
      { id, policy: [{ ...off, from: '2026-12-01T00:00:00' }] },
      'REGISTRIES[0].policy[0].from: found "2026-12-01T00:00:00", expected a time with its zone',
    ],
    [
      'with more bad reviews than reviews',
      { id, review: { raise: '6/5' } },
      'REGISTRIES[0].review.raise: found "6/5", expected bad/of such as 3/5, with 1 <= bad <= of <= 20',
    ],
    ['that raises at once and always', { id, review: { raise: '0/5' } }, '.review.raise: found "0/5"'],
    ['that remembers too much', { id, review: { raise: '3/21' } }, '.review.raise: found "3/21"'],
    ['that clears at once', { id, review: { clear: 0 } }, 'REGISTRIES[0].review.clear: found 0, expected'],
    [
      'that hardly ever clears',
      { id, review: { clear: 21 } },
      'REGISTRIES[0].review.clear: found 21, expected',
    ],
  ])('%s is refused, with its place, the reason and what was found', (_, entry, problem) => {
    const registries = registriesOf(entry);
    expect(registries.all).toEqual([]);
    expect(registries.problems).toEqual([expect.stringContaining(problem)]);
  });

  it('does not repeat the credentials of an endpoint in its error', () => {
    const problem = problemOf({ id, endpoints: { eastus: 'https://user:hunter2@eastus.example.com' } });
    expect(problem).toMatch(/endpoints\.eastus: .*without credentials/);
    expect(problem).not.toMatch(/hunter2/);
  });

  it('affects only its own registry when it is bad', () => {
    const registries = registriesOf({ id, probe: 7 }, { id: idOf('other') }, 7);
    expect(registries.all.map(({ name }) => name)).toEqual(['other']);
    expect(registries.problems).toEqual([
      'REGISTRIES[0].probe: expected (boolean | "pull"), found 7',
      'REGISTRIES[2]: expected Object, found 7',
    ]);
    expect(registries.entries).toMatchObject([
      { id: id.toLowerCase(), name: 'myregistry', registry: { ok: false } },
      { name: 'other', registry: { ok: true } },
      { id: undefined, name: undefined, registry: { ok: false } },
    ]);
  });

  it('is not used when another has the same registry, in whatever case', () => {
    const registries = registriesOf({ id }, { id: idOf('other') }, { id: id.toUpperCase(), probe: false });
    expect(registries.all.map(({ name }) => name)).toEqual(['other']);
    expect(registries.problems).toEqual([
      'REGISTRIES[0].id: found the registry myregistry, which is that of REGISTRIES[2] too, expected each registry once',
      'REGISTRIES[2].id: found the registry myregistry, which is that of REGISTRIES[0] too, expected each registry once',
    ]);
  });
});

describe('two entries of REGISTRIES', () => {
  it('may have one name, with different ids', () => {
    const twin = id.replace('/rg/', '/rg-b/');
    expect(registriesOf({ id }, { id: twin })).toMatchObject({ problems: [], all: [{ id }, { id: twin }] });
  });

  it('may not have one host', () => {
    const hosts = (...names: string[]) => ({ hosts: names });
    const registries = registriesOf(
      { id, ...hosts('images.contoso.com') },
      { id: idOf('other'), ...hosts('x.contoso.com', 'Images.Contoso.com:443') },
    );
    expect(registries.all).toEqual([]);
    expect(registries.problems).toEqual([
      'REGISTRIES[0].hosts: found the host images.contoso.com, which is one of REGISTRIES[1] too, expected each host once',
      'REGISTRIES[1].hosts: found the host images.contoso.com, which is one of REGISTRIES[0] too, expected each host once',
    ]);
  });
});

describe('the custom hosts of an entry', () => {
  it('are kept in lower case and without a port, each once', () => {
    const hosts = ['Images.Contoso.com:443', 'images.contoso.com', 'registry'];
    expect(registriesOf({ id, hosts }).all).toMatchObject([{ hosts: ['images.contoso.com', 'registry'] }]);
  });

  it.each(['https://images.contoso.com', 'images.contoso.com/team', '', 'a b', '-a.com', 'user@host'])(
    'are host names, and %j is none',
    (host) => {
      expect(problemOf({ id, hosts: [host] })).toMatch(
        /^REGISTRIES\[0\]\.hosts\[0\]: .*expected a host name/,
      );
    },
  );
});

describe('REGISTRIES as a whole', () => {
  it.each([
    ['{"id"', /^REGISTRIES: expected JSON, found text that is not: /],
    ['{}', /^REGISTRIES: expected an array, found an object$/],
    ['null', /^REGISTRIES: expected an array, found null$/],
    ['7', /^REGISTRIES: expected an array, found 7$/],
  ])('is refused when it is %s', (text, message) => {
    expect(messageOf(parseRegistries(text))).toMatch(message);
  });
});
