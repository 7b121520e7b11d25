import { describe, expect, it } from 'vitest';
import {
  entriesInQuestion,
  type Identified,
  type Identity,
  ownerOfNotice,
  selectRegistry,
} from '../../src/registries/identify.ts';

const idIn = (group: string, name = 'myregistry') =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
const entry = (group: string, loginServer: string | undefined, more: Partial<Identity> = {}): Identity => ({
  id: idIn(group).toLowerCase(),
  name: 'myregistry',
  hosts: [],
  loginServer,
  ...more,
});
const a = entry('rg-a', 'myregistry.azurecr.io', { hosts: ['images.contoso.com'] });
const b = entry('rg-b', 'myregistry-a1b2c3.azurecr.io');
const unknown = entry('rg-c', undefined, { hosts: ['c.contoso.com'] });
const other = entry('rg-a', 'other.azurecr.io', { id: idIn('rg-a', 'other').toLowerCase(), name: 'other' });

const letters = new Map([a, b, unknown, other].map((one, index) => [one, 'abuo'.charAt(index)]));
const brief = (found: Identified<Identity>): string => {
  if (found.kind === 'ambiguous') return found.entries.map((one) => letters.get(one)).join(' or ');
  return found.kind === 'found' ? `${letters.get(found.entry)} ${found.loginServer ?? '?'}` : '-';
};

describe('a notice', () => {
  it.each<[string, Parameters<typeof ownerOfNotice>[0], Identity[], string]>([
    ['whose topic is the id of an entry', { topic: idIn('rg-b') }, [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    ['in whatever case', { topic: idIn('RG-B').toUpperCase() }, [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    [
      'whatever its host is',
      { topic: idIn('rg-b'), host: 'myregistry.azurecr.io' },
      [a, b],
      'b myregistry-a1b2c3.azurecr.io',
    ],
    ['whose topic is that of a namesake', { topic: idIn('rg-other') }, [a], '-'],
    [
      'and its host that of the entry',
      { topic: idIn('rg-other'), host: 'myregistry.azurecr.io', parameter: 'myregistry' },
      [a],
      '-',
    ],
    [
      'whose topic says nothing',
      { topic: 'x', host: 'myregistry.azurecr.io' },
      [b, a],
      'a myregistry.azurecr.io',
    ],
    [
      'with a login server',
      { host: 'myregistry-a1b2c3.azurecr.io' },
      [a, b],
      'b myregistry-a1b2c3.azurecr.io',
    ],
    ['with a port', { host: 'MyRegistry.azurecr.io:443' }, [b, a], 'a myregistry.azurecr.io'],
    [
      'with a regional host',
      { host: 'myregistry-a1b2c3.eastus.geo.azurecr.io' },
      [a, b],
      'b myregistry-a1b2c3.azurecr.io',
    ],
    ['with a custom host', { host: 'Images.Contoso.com' }, [b, a], 'a myregistry.azurecr.io'],
    ['with a custom host that is unknown', { host: 'x.contoso.com' }, [a], '-'],
    ['of another registry', { host: 'nobody.azurecr.io' }, [a], '-'],
    [
      'of a registry whose custom domain begins with the name',
      { host: 'myregistry.contoso.com' },
      [unknown],
      '-',
    ],
    ['of a namesake', { host: 'myregistry-ffffff.azurecr.io' }, [a, b, other], '-'],
    [
      'of a namesake, whose name the URL has too',
      { host: 'myregistry-ffffff.azurecr.io', parameter: 'MyRegistry' },
      [a],
      '-',
    ],
    [
      'of a namesake, whatever the URL says',
      { host: 'myregistry-ffffff.azurecr.io', parameter: 'myregistry.azurecr.io' },
      [a],
      '-',
    ],
    [
      'whose unknown host the URL settles',
      { host: 'x.contoso.com', parameter: 'other' },
      [a, other],
      'o other.azurecr.io',
    ],
    ['of a namesake of two', { host: 'myregistry-ffffff.azurecr.io', parameter: 'myregistry' }, [a, b], '-'],
    ['which the URL cannot settle', { host: 'x.contoso.com', parameter: 'myregistry' }, [a, b], 'a or b'],
    [
      'with a host, against the URL',
      { host: 'other.azurecr.io', parameter: 'myregistry' },
      [a, other],
      'o other.azurecr.io',
    ],
    ['without a host, of the only entry', {}, [a], 'a myregistry.azurecr.io'],
    ['without a host, of two', {}, [a, other], '-'],
    [
      'without a host, that the URL settles',
      { parameter: idIn('rg-a', 'other') },
      [a, other],
      'o other.azurecr.io',
    ],
    ['without a host, with a wrong URL', { parameter: 'nobody' }, [a], '-'],
    [
      'while the login server is not known',
      { host: 'myregistry-ffffff.azurecr.io' },
      [a, unknown],
      'u myregistry-ffffff.azurecr.io',
    ],
    [
      'and it is that of another entry',
      { host: 'myregistry.azurecr.io' },
      [unknown, a],
      'a myregistry.azurecr.io',
    ],
    ['and the host does not fit', { host: 'nobody.azurecr.io' }, [unknown], '-'],
    ['and the host is a custom one', { host: 'c.contoso.com' }, [unknown], 'u ?'],
    ['and there is no host', {}, [unknown], 'u ?'],
    [
      'and the topic decides',
      { topic: idIn('rg-c'), host: 'myregistry-1.azurecr.io' },
      [unknown],
      'u myregistry-1.azurecr.io',
    ],
    ['and the topic decides without a host', { topic: idIn('rg-c') }, [unknown], 'u ?'],
  ])('%s', (_, notice, entries, expected) => {
    expect(brief(ownerOfNotice(notice, entries))).toBe(expected);
  });
});

describe('a registry is selected by', () => {
  it.each<[string, Identity[], string]>([
    ['MyRegistry', [a, other], 'a myregistry.azurecr.io'],
    ['myregistry', [a, b], 'a or b'],
    ['myregistry', [unknown], 'u ?'],
    ['myregistry.azurecr.io', [b, a], 'a myregistry.azurecr.io'],
    ['MYREGISTRY.azurecr.io:443', [b, a], 'a myregistry.azurecr.io'],
    ['myregistry-a1b2c3', [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    ['myregistry-ffffff', [a, b], '-'],
    ['myregistry-ffffff', [a, unknown], 'u ?'],
    ['myregistry-ffffff.azurecr.io', [a], '-'],
    ['myregistry-ffffff.azurecr.io', [unknown], 'u myregistry-ffffff.azurecr.io'],
    ['myregistry-a1b2c3.eastus.geo.azurecr.io', [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    ['images.contoso.com', [b, a], 'a myregistry.azurecr.io'],
    [idIn('rg-b'), [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    [idIn('RG-B').toUpperCase(), [a, b], 'b myregistry-a1b2c3.azurecr.io'],
    [idIn('rg-other'), [a, b], '-'],
    ['', [a], '-'],
    ['my', [a], '-'],
    ['__proto__', [a], '-'],
  ])('%j', (text, entries, expected) => {
    expect(brief(selectRegistry(text, entries))).toBe(expected);
  });

  it('a name that two entries with one id have, which is not ambiguous', () => {
    expect(brief(selectRegistry('other', [other, { ...other }]))).toMatch(/^o |^undefined /);
  });
});

describe('the entries in question', () => {
  const entries = [a, b, unknown, other];
  it.each<[string, Parameters<typeof ownerOfNotice>[0], Identity[]]>([
    ['are those with the name of the host', { host: 'other-x.azurecr.io' }, [other]],
    ['are those with the custom host', { host: 'C.contoso.com' }, [unknown]],
    ['are those that the URL names', { host: 'x.contoso.com', parameter: 'other' }, [other]],
    ['are those with the topic', { topic: idIn('rg-b') }, [b]],
    ['are none when nothing is said and there are several', {}, []],
  ])('%s', (_, notice, expected) => {
    expect(entriesInQuestion(notice, entries)).toEqual(expected);
  });
});
