import { describe, expect, it } from 'vitest';
import { parseRegistryWebhook } from '../../src/events/registry-webhook.ts';
import { payload } from './payloads.ts';

const digest = 'sha256:80f0d5c8786bb9e621a45ece0db56d11cdc624ad20da9fe62e9d25490f331d7d';
const arrivedAt = new Date('2026-11-21T22:00:00.000Z');
const parse = (value: unknown) => parseRegistryWebhook(value, arrivedAt);
const body = (name: string) => payload('registry-webhook', name);
const push = (target: object = {}) => {
  const event = body('push');
  return { ...event, target: { ...Object(event['target']), ...target } };
};
const reasonOf = (event: unknown): string => {
  const parsed = parse(event);
  return parsed.kind === 'malformed' ? parsed.reason : parsed.kind;
};

describe('a registry webhook', () => {
  it('reports a push, with its time to the millisecond', () => {
    expect(parse(body('push'))).toEqual({
      kind: 'notification',
      registryHost: 'myregistry.azurecr.io',
      report: {
        action: 'push',
        repository: 'team/app',
        digest,
        tag: 'v1',
        at: new Date('2026-11-21T16:52:01.343Z'),
        impossibleTime: undefined,
        sizeBytes: 524,
      },
    });
  });

  it.each([
    ['push-by-digest', { action: 'push', tag: undefined, digest }],
    ['delete', { action: 'delete', tag: undefined, digest, sizeBytes: undefined }],
    ['chart-push', { action: 'push', repository: 'repo', tag: 'wordpress-5.4.0.tgz', sizeBytes: 25265 }],
    ['chart-delete', { action: 'delete', repository: 'repo' }],
  ])('of the kind %s reports one image', (name, report) => {
    expect(parse(body(name))).toMatchObject({ kind: 'notification', report });
  });

  it.each([
    ['ping', undefined],
    ['quarantine', 'myregistry.azurecr.io'],
  ])('of the kind %s reports nothing to record', (action, registryHost) => {
    expect(parse(body(action))).toEqual({ kind: 'ignored', action, registryHost });
  });

  it.each([undefined, null, '', {}, { host: 7 }, { host: '' }, { host: 'a b' }, 'myregistry.azurecr.io'])(
    'with the request %j names no registry',
    (request) => {
      expect(parse({ ...body('push'), request })).toMatchObject({
        kind: 'notification',
        registryHost: undefined,
      });
    },
  );

  it.each([undefined, null, ''])('with the tag %j is a push by digest', (tag) => {
    expect(parse(push({ tag }))).toMatchObject({ report: { tag: undefined } });
  });

  it.each([-1, 1.5, '524', null])('with the size %j has the length as its size', (size) => {
    expect(parse(push({ size, length: 9 }))).toMatchObject({ report: { sizeBytes: 9 } });
    expect(parse(push({ size, length: size }))).toMatchObject({
      report: { sizeBytes: undefined },
    });
  });

  it.each([
    { repository: 'a' },
    { repository: 'a/b_c/d__e/f.g/h---i' },
    { tag: '_x.Y-9' },
    { tag: 'x'.repeat(128) },
    { tag: 'mychart-1.2.3+build.5.tgz' },
    { digest: `sha512:${'0'.repeat(128)}` },
    { digest: `sha256+b64u:${'a'.repeat(64)}` },
  ])('may name %j', (target) => {
    expect(parse(push(target))).toMatchObject({ kind: 'notification', report: target });
  });

  it.each<[string, object]>([
    ['target.repository: expected the name of a repository', { repository: 'Team/App' }],
    ['target.repository: expected the name of a repository', { repository: '/app' }],
    ['target.repository: expected the name of a repository', { repository: 'team//app' }],
    ['target.repository: expected the name of a repository', { repository: 'app?x=1' }],
    ['target.repository: expected 255 characters at most', { repository: 'a'.repeat(256) }],
    ['target.repository: expected a value, found nothing', { repository: undefined }],
    ['target.tag: expected a tag', { tag: '.x' }],
    ['target.tag: expected a tag', { tag: '+x' }],
    ['target.tag: expected a tag', { tag: 'x'.repeat(129) }],
    ['target.tag: expected string, found number', { tag: 1 }],
    ['target.digest: expected a digest such as sha256:…', { digest: 'sha256:' }],
    ['target.digest: expected a digest such as sha256:…', { digest: digest.toUpperCase() }],
    ['target.digest: expected a digest such as sha256:…', { digest: 'latest' }],
    ['target.digest: expected a digest such as sha256:…', { digest: `sha256:${'0'.repeat(129)}` }],
    ['target.digest: expected a digest such as sha256:…', { digest: `${digest}\n` }],
    ['target.digest: expected string, found null', { digest: null }],
  ])('is malformed, %s: %j', (reason, target) => {
    expect(reasonOf(push(target))).toContain(reason);
  });

  it.each<[string, unknown]>([
    ['action: expected', { ...body('push'), action: 'pull' }],
    ['action: expected', { ...body('push'), action: 'Push' }],
    ['action: expected a value, found nothing', {}],
    ['action: expected a value, found nothing', []],
    ['body: expected Object, found string', 'push'],
    ['body: expected Object, found null', null],
    ['target: expected a value, found nothing', { ...body('push'), target: undefined }],
    ['target: expected Object, found string', { ...body('delete'), target: 'team/app' }],
    ['timestamp: expected a time', { ...body('push'), timestamp: undefined }],
    ['timestamp: expected a time', { ...body('push'), timestamp: 'yesterday' }],
  ])('is malformed, %s', (reason, event) => {
    expect(reasonOf(event)).toContain(reason);
  });

  it.each([
    ['0001-01-01T00:00:00Z', undefined],
    ['1999-12-31T23:59:59.999Z', undefined],
    ['2026-11-22T22:00:00.001Z', undefined],
    ['9999-12-31T23:59:59.9999999Z', undefined],
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
    ['2026-11-22T22:00:00Z', '2026-11-22T22:00:00.000Z'],
  ])('with the time %s has that of its arrival, unless it is possible', (timestamp, at) => {
    const impossibleTime = at === undefined ? expect.stringMatching(/^\d{4}-.*Z$/) : undefined;
    expect(parse({ ...body('push'), timestamp })).toMatchObject({
      report: { at: at === undefined ? arrivedAt : new Date(at), impossibleTime },
    });
  });

  it('names no value of a malformed body', () => {
    const said = reasonOf({ action: 'hunter2', target: {} }) + reasonOf(push({ digest: 'hunter2' }));
    expect(said).not.toContain('hunter2');
  });

  it('is parsed quickly, whatever the repository looks like', () => {
    const started = performance.now();
    reasonOf(push({ repository: `a${'-'.repeat(60_000)}!` }));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
