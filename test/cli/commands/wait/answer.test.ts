import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../src/cli/commands/wait/answer.ts';
import { answer, digest, failure } from './fixtures.ts';

const body = {
  registry: 'myregistry',
  repository: 'team/app',
  tag: 'v1',
  digest,
  state: 'pending',
  firstSeen: '2026-11-21T08:00:00Z',
  replicatedAt: null,
  elapsedMs: 5210,
  regions: [
    { region: 'eastus', state: 'available', at: '2026-11-21T08:00:01Z', evidence: 'webhook' },
    { region: 'westus', state: 'waiting' },
  ],
};

describe('an answer of the app', () => {
  it.each([
    [200, 'everywhere'],
    [202, 'notYet'],
    [409, 'elsewhere'],
    [410, 'deleted'],
  ])('of %i is %s, and keeps what it says of the image, additions too', (status, kind) => {
    expect(answer(status, { ...body, addition: 7 })).toMatchObject({ kind, image: { ...body, addition: 7 } });
  });

  it.each([409, 410])('of %i needs no image', (status) => {
    expect(answer(status)).toMatchObject({ image: undefined });
  });

  it.each([
    [202, body],
    [404, failure('ImageNotSeen')],
    [503, failure('StateUnavailable')],
  ])('of %i says when to come back', (status, said) => {
    expect(answer(status, said, 7)).toMatchObject({ retryAfterMs: 7000 });
    expect(answer(status, said)).toMatchObject({ retryAfterMs: undefined });
    expect(readAnswer(status, JSON.stringify(said), 'Fri, 21 Nov 2026 08:00:00 GMT')).toMatchObject({
      retryAfterMs: undefined,
    });
  });

  it('of 404 is an image never seen, with and without a body', () => {
    expect(answer(404, failure('ImageNotSeen')).kind).toBe('unseen');
    expect(answer(404).kind).toBe('unseen');
  });

  it.each([
    [404, '<html>Web Site not found</html>', '404 with a page'],
    [503, '<html>restarting</html>', '503'],
    [500, JSON.stringify(failure('Oops')), '500 (a sentence)'],
    [429, '', '429'],
    [408, '', '408'],
  ])('of %i and %s is worth another attempt', (status, text, reason) => {
    expect(readAnswer(status, text, null)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining(reason),
    });
  });

  it.each([
    [200, '<html>', 'is this its base URL?'],
    [202, '{"state":"sideways","regions":[]}', 'is this its base URL?'],
    [302, '', "give the app's own base URL"],
    [400, JSON.stringify(failure('Malformed')), '400 (a sentence)'],
    [401, '', 'set EVENKEEL_KEY'],
    [403, '<html>', 'set EVENKEEL_KEY'],
    [404, JSON.stringify(failure('registryNotConfigured')), 'REGISTRIES'],
    [405, '', 'correct the command'],
  ])('of %i and %s is final, and says what to do', (status, text, advice) => {
    expect(readAnswer(status, text, null)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(advice),
    });
  });

  it('cannot move the cursor or break a line', () => {
    const said = answer(400, failure('Malformed', 'one\r\n\u001b[2Jtwo\u2028three'));
    expect(said).toMatchObject({ reason: expect.stringContaining('(one [2Jtwo three)') });
  });
});
