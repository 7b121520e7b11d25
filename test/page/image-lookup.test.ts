import { describe, expect, it } from 'vitest';
import { imageQuery, lookupResult } from '../../src/page/image-lookup.ts';

const digest = `sha256:${'0'.repeat(64)}`;

describe('an image to look up', () => {
  it.each([
    ['myregistry/team/app:v1', 'myregistry', 'team/app', 'v1'],
    [' myregistry.azurecr.io/app ', 'myregistry.azurecr.io', 'app', 'latest'],
    [`myregistry/team/app@${digest}`, 'myregistry', 'team/app', digest],
    [`myregistry/team/app:v1@${digest}`, 'myregistry', 'team/app', digest],
  ])('%s is asked for', (text, registry, repository, reference) => {
    expect(Object.fromEntries(imageQuery(text) ?? [])).toEqual({ registry, repository, reference });
  });

  it.each([
    '',
    'app',
    '/app',
    'myregistry/',
    'myregistry/Team/App',
    'myregistry/app:',
    'myregistry/app@sha256:12',
  ])('%j is none', (text) => expect(imageQuery(text)).toBeUndefined());
});

describe('what the app knows of an image', () => {
  const answer = {
    digest,
    state: 'pending',
    firstSeen: '2026-11-21T03:00:00Z',
    replicatedAt: null,
    etaMs: 125_000,
    regions: [
      { region: 'eastus', state: 'available', at: '2026-11-21T03:00:00Z', evidence: 'webhook' },
      { region: 'westus', state: 'waiting' },
    ],
  };
  it.each([
    [200, 'replicated', 'ok', 'In every region'],
    [202, 'pending', 'progress', 'On its way: in 1 of 2 regions, about 2 min to go'],
    [202, 'stalled', 'error', 'Late: in 1 of 2 regions'],
    [409, 'stalled', 'error', 'Regions resolve its tag to other digests'],
    [409, 'superseded', 'off', 'Its tag moved on before it was everywhere'],
    [410, 'deleted', 'off', 'Deleted'],
    [200, 'novelty', 'unknown', 'novelty'],
  ])('with %i %s is told in plain words', (status, state, tone, headline) => {
    const result = lookupResult(status, { ...answer, state });
    expect(result).toMatchObject({ kind: 'image', tone, headline, image: { digest } });
  });

  it('is the message of a refusal, and nothing of what is not the app’s', () => {
    const error = { code: 'imageNotSeen', message: 'no region has reported this image yet' };
    expect(lookupResult(404, { error })).toEqual({ kind: 'message', message: error.message });
    expect(lookupResult(503, { error })).toBeUndefined();
    expect(lookupResult(401, undefined)).toBeUndefined();
    expect(lookupResult(200, '<html>')).toBeUndefined();
  });
});
