import { describe, expect, it } from 'vitest';
import { repairsOf } from '../../src/replication/repair.ts';
import { registryOf } from '../registries/registry-of.ts';

const digest = `sha256:${'ab12'.repeat(16)}`;
const layer = `sha256:${'cd34'.repeat(16)}`;
const id = { registry: 'myregistry-a1b2c3.azurecr.io', repository: 'team/app', digest };
const image = { id, tag: 'v1' };
const has = (region: string, evidence = 'webhook') => ({ region, state: 'available', evidence });
const lacks = (region: string, state = 'waiting') => ({ region, state });
const withoutLayer = (region: string) => ({ ...has(region, 'verified'), pullable: { missing: [layer] } });
const host = (region: string) => `myregistry-a1b2c3.${region}.geo.azurecr.io`;
const login = (region: string) => `az acr login --name myregistry --endpoint ${region}`;
const copy = (from: string, to: string, name = ':v1') =>
  `skopeo copy --all --preserve-digests docker://${host(from)}/team/app@${digest} docker://${host(to)}/team/app${name}`;

describe('the repair of an image', () => {
  it('copies it to each region that lacks it, from the endpoint of one that has it', () => {
    const repairs = repairsOf(image, [has('eastus'), lacks('westus'), lacks('uksouth')], registryOf());
    expect(repairs).toEqual(
      ['westus', 'uksouth'].map((region) => ({
        region,
        from: 'eastus',
        commands: [login('eastus'), login(region), copy('eastus', region)],
      })),
    );
  });

  it.each([
    ['pullable', [has('a'), has('b', 'verified'), has('c', 'pullable')], 'c'],
    ['verified, rather than reported', [has('a', 'event'), has('b', 'verified')], 'b'],
    ['the first that reported it', [has('a', 'event'), has('b', 'webhook')], 'a'],
    ['complete, rather than verified without a layer', [withoutLayer('b'), has('a')], 'a'],
  ])('copies it from a region where it is %s', (_, regions, from) => {
    const repairs = repairsOf(image, [...regions, lacks('westus')], registryOf());
    expect(repairs.find(({ region }) => region === 'westus')?.from).toBe(from);
  });

  it('also brings a layer that is missing', () => {
    const repairs = repairsOf(image, [withoutLayer('westus'), has('eastus')], registryOf());
    expect(repairs.map(({ commands }) => commands.at(-1))).toEqual([copy('eastus', 'westus')]);
  });

  it('is shown where nobody knows whether the region has the image, since it does no harm', () => {
    const repairs = repairsOf(image, [has('eastus'), lacks('westus', 'unverified')], registryOf());
    expect(repairs).toHaveLength(1);
  });

  it('keeps an image without a tag without one', () => {
    const repairs = repairsOf({ id, tag: undefined }, [has('eastus'), lacks('westus')], registryOf());
    expect(repairs[0]?.commands.at(-1)).toBe(copy('eastus', 'westus', `@${digest}`));
  });

  it('pushes it again to the endpoint of the region where none has it', () => {
    expect(repairsOf(image, [lacks('eastus')], registryOf())).toEqual([
      {
        region: 'eastus',
        from: null,
        commands: [
          login('eastus'),
          `docker tag ${id.registry}/team/app:v1 ${host('eastus')}/team/app:v1`,
          `docker push ${host('eastus')}/team/app:v1`,
        ],
      },
    ]);
  });

  it('uses the host of a configured endpoint, unless that has a path', () => {
    const endpoints = new Map([
      ['eastus', { url: 'https://east.contoso.com', isInsecure: false }],
      ['westus', { url: 'http://127.0.0.1:7080/westus', isInsecure: true }],
    ]);
    const [repair] = repairsOf(image, [has('eastus'), lacks('westus')], registryOf({ endpoints }));
    expect(repair?.commands.at(-1)).toBe(
      copy('eastus', 'westus').replace(host('eastus'), 'east.contoso.com'),
    );
  });

  it('is none where an endpoint has no name, of this region or of the other', () => {
    const local = { id: { ...id, registry: 'localhost' }, tag: 'v1' };
    const endpoints = new Map([['eastus', { url: 'https://east.contoso.com', isInsecure: false }]]);
    const registry = registryOf({ endpoints });
    expect(repairsOf(local, [has('eastus'), lacks('westus')], registry)).toEqual([]);
    expect(repairsOf(local, [has('westus'), lacks('eastus')], registry)).toEqual([]);
    expect(repairsOf(local, [lacks('westus')], registry)).toEqual([]);
    expect(repairsOf(local, [lacks('eastus')], registry)).toHaveLength(1);
  });

  it('is none for a region that is known to lack no layer', () => {
    const repairs = repairsOf(
      image,
      [{ ...has('eastus'), pullable: { missing: [] } }, lacks('westus')],
      registryOf(),
    );
    expect(repairs.map(({ region, from }) => [region, from])).toEqual([['westus', 'eastus']]);
  });

  it.each([
    ['every region has it', image, [has('eastus'), has('westus')]],
    ['none has it, and it has no tag to push', { id, tag: undefined }, [lacks('eastus')]],
    ['no region is known', image, []],
  ])('is none where %s', (_, named, regions) => {
    expect(repairsOf(named, regions, registryOf())).toEqual([]);
  });
});
