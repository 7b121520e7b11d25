import { describe, expect, it } from 'vitest';
import { groupId, recordSetId } from '../../scripts/status-page/sample-parts.ts';
import { resourceName, richText } from '../../src/page/rich-text.ts';

const now = new Date('2026-11-21T03:07:12Z');

describe('an id of Azure', () => {
  it.each([
    ['a container group', groupId('rg-a', 'web'), { name: 'web', parent: 'rg-a' }],
    ['a record set', recordSetId('a.example', 'ptr', '4.0'), { name: 'PTR 4.0', parent: 'a.example' }],
    [
      'a replication',
      '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/myregistry/replications/westus',
      { name: 'westus', parent: 'myregistry' },
    ],
    ['anything else', 'team/app:v1', { name: 'team/app:v1', parent: '' }],
    ['nothing', '', { name: '', parent: '' }],
  ])('of %s has a short name', (_, id, name) => {
    expect(resourceName(id)).toEqual(name);
  });
});

describe('a sentence of the app', () => {
  it('keeps its words, and has short names for ids and times', () => {
    const [web, set] = [groupId('rg-a', 'web'), recordSetId('a.example', 'a', 'web')];
    expect(
      richText(`${web} does not get ${set}, since 2026-11-21T02:59:12.000Z: wait`, now, 'Asia/Kolkata'),
    ).toEqual([
      { kind: 'id', full: web, name: 'web', parent: 'rg-a' },
      { kind: 'text', text: ' does not get ' },
      { kind: 'id', full: set, name: 'A web', parent: 'a.example' },
      { kind: 'text', text: ', since ' },
      { kind: 'time', full: '2026-11-21T02:59:12.000Z', text: '02:59 UTC (08:29 local)' },
      { kind: 'text', text: ': wait' },
    ]);
  });

  it('without any is one piece', () => {
    expect(richText('1 record finding', now, 'UTC')).toEqual([{ kind: 'text', text: '1 record finding' }]);
    expect(richText('', now, 'UTC')).toEqual([]);
  });
});
