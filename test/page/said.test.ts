import { describe, expect, it } from 'vitest';
import { groupId, recordSetId } from '../../scripts/status-page/sample-parts.ts';
import { shortName } from '../../src/page/azure-names.ts';
import { piecesOf } from '../../src/page/said.ts';

const now = new Date('2026-11-21T03:07:12Z');

describe('an id of Azure', () => {
  it.each([
    ['a container group', groupId('rg-a', 'web'), { name: 'web', place: 'rg-a' }],
    ['a record set', recordSetId('a.example', 'ptr', '4.0'), { name: 'PTR 4.0', place: 'a.example' }],
    [
      'a replication',
      '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/myregistry/replications/westus',
      { name: 'westus', place: 'myregistry' },
    ],
    ['anything else', 'team/app:v1', { name: 'team/app:v1', place: '' }],
    ['nothing', '', { name: '', place: '' }],
  ])('of %s has a short name', (_, id, name) => {
    expect(shortName(id)).toEqual(name);
  });
});

describe('a sentence of the app', () => {
  it('keeps its words, and has short names for ids and times', () => {
    const [web, set] = [groupId('rg-a', 'web'), recordSetId('a.example', 'a', 'web')];
    expect(piecesOf(`${web} does not get ${set}, since 2026-11-21T02:59:12.000Z: wait`, now)).toEqual([
      { kind: 'id', whole: web, name: 'web', place: 'rg-a' },
      { kind: 'text', text: ' does not get ' },
      { kind: 'id', whole: set, name: 'A web', place: 'a.example' },
      { kind: 'text', text: ', since ' },
      { kind: 'time', whole: '2026-11-21T02:59:12.000Z', text: '02:59 UTC' },
      { kind: 'text', text: ': wait' },
    ]);
  });

  it('without any is one piece', () => {
    expect(piecesOf('1 record finding', now)).toEqual([{ kind: 'text', text: '1 record finding' }]);
    expect(piecesOf('', now)).toEqual([]);
  });
});
