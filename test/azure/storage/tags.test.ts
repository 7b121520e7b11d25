import { RestError } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import type { Entity, Table } from '../../../src/azure/storage/tables.ts';
import { tagsTable } from '../../../src/azure/storage/tags.ts';
import { StateChangedError, StateRefusedError, StateUnavailableError } from '../../../src/lib/errors.ts';
import { at, noDeadline, tagOf } from '../../replication/fixtures.ts';

const digestAt = (index: number): string => `sha256:${index.toString(16).padStart(64, '0')}`;
const candidateAt = (index: number) => ({ digest: digestAt(index), atMs: at(index) });

/** https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes */
const tooLarge = (code: string) =>
  new StateRefusedError('a merge', { cause: new RestError(code, { statusCode: 400, code }) });

/** One entity that holds 252 properties at most, as the service does, and Azurite does not. */
function oneEntity({ refuse }: { refuse?: () => Error | undefined } = {}) {
  let entity: Entity | undefined;
  let versions = 0;
  const calls: string[] = [];
  const write = (values: object): void => {
    versions += 1;
    entity = { ...values, etag: `etag-${versions}` };
  };
  const unused = () => Promise.reject(new Error('the tags do not use this'));
  const table: Table = {
    get: async () => entity,
    merge: async (values) => {
      calls.push('merge');
      const error = refuse?.();
      if (error !== undefined) throw error;
      const merged = { ...entity, ...values };
      if (Object.keys(merged).length > 252 + 3) throw tooLarge('TooManyProperties');
      write(merged);
    },
    replace: async (values, etag) => {
      calls.push('replace');
      if (entity?.etag !== etag) throw new StateChangedError('an update');
      write(values);
      return `etag-${versions}`;
    },
    delete: async () => {
      entity = undefined;
    },
    insert: unused,
    upsert: unused,
    amend: unused,
    transact: unused,
    async *pages() {},
  };
  return { tags: tagsTable(table), calls };
}

describe('the candidates of a tag', () => {
  it('make room for a new one when their entity is full', async () => {
    const { tags, calls } = oneEntity();
    for (let index = 0; index < 260; index += 1) await tags.add(tagOf(), candidateAt(index), noDeadline);
    expect(calls.filter((call) => call === 'replace')).toHaveLength(1);
    const [newest, ...others] = await tags.read(tagOf(), noDeadline);
    expect(newest).toEqual(candidateAt(259));
    expect(others).toHaveLength(49 + 8);
  });

  it.each([
    [
      'a refusal for another reason',
      () => new StateUnavailableError('a merge', 5_000, { cause: new RestError('no', { statusCode: 403 }) }),
    ],
    ['a refusal of an entity that is not full', () => tooLarge('InvalidInput')],
    ['a missing answer', () => new StateUnavailableError('a merge', 5_000)],
  ])('are not pruned after %s', async (_, refuse) => {
    const { tags, calls } = oneEntity({ refuse });
    await expect(tags.add(tagOf(), candidateAt(1), noDeadline)).rejects.toThrow(
      /a merge (failed|was refused)/,
    );
    expect(calls).toEqual(['merge']);
  });
});
