import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { evenStatus } from '../../scripts/status-page/sample-status.ts';
import { ownedAMetadata } from '../../src/dns/ownership.ts';
import type { Answer, Reply } from '../support/hanging-server.ts';

/** A command that asks somebody who does not answer to the end. */
export interface Command {
  readonly args: readonly string[];
  readonly afterMs: number;
  /** What it then prints, after its exit code. */
  readonly says: RegExp;
  /** What is answered before something hangs. */
  readonly before?: Answer;
}

const image = 'myregistry.azurecr.io/team/app:v1';
const group =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web';
const workspace = '00000000-0000-0000-0000-00000000000a';
const history = ['history', 'web.spoke-a.internal.contoso.com', '--workspace', workspace];
const rehearse = ['rehearse', 'myregistry', 'westus'];

export const status = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(evenStatus) };
/** The status comes, and what the command then asks for does not. */
const untilPost: Answer = ({ method }) => (method === 'GET' ? status : undefined);
export const noAnswer = (seconds: number) =>
  new RegExp(`^exit 1: ✖ the app did not answer within ${seconds} s: try again, and look at its log\n$`);

export const ofTheApp: readonly Command[] = [
  ...[['status'], ['report'], ['images'], ['images', image], ['flags'], ['audit', '--now']].map(
    (args): Command => ({ args, afterMs: 30_000, says: noAnswer(30) }),
  ),
  { args: ['audit', '--now'], afterMs: 30_000, says: noAnswer(30), before: untilPost },
  { args: ['flags', '--what-if', 'eastus'], afterMs: 40_000, says: noAnswer(40), before: untilPost },
  {
    ...{ args: [...rehearse, '--for', '10m', '--reason', 'test', '--yes'], afterMs: 40_000 },
    says: noAnswer(40),
  },
  { args: [...rehearse, '--end'], afterMs: 40_000, says: noAnswer(40) },
  {
    ...{ args: ['wait', image, '--timeout', '10s'], afterMs: 30_000 },
    says: /✖ no answer from evenkeel within 10s: the app did not answer within 30 s: try again, and look at its log\n$/,
  },
];

const json = { 'content-type': 'application/json' };
const answered = (value: unknown): Reply => ({ headers: json, body: JSON.stringify(value) });
const subscriptions = answered({
  value: [{ id: `/subscriptions/${sampleSubscriptionId}`, subscriptionId: sampleSubscriptionId }],
});
const absent: Reply = {
  status: 404,
  headers: json,
  body: '{"error":{"code":"ResourceNotFound","message":"it is not there"}}',
};
const zoneA = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones/spoke-a.internal.contoso.com`;
const goneGroup = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web`;
const aRecordSet = (name: string) => ({
  id: `${zoneA}/A/${name}`,
  name,
  type: 'Microsoft.Network/privateDnsZones/A',
  etag: '1',
  properties: {
    ttl: 30,
    metadata: ownedAMetadata({}, goneGroup.toLowerCase(), [], new Date(0)),
    aRecords: [{ ipv4Address: '10.1.0.4' }],
    isAutoRegistered: false,
  },
});

/** A record set of a container group that is gone is found; and so is that it is gone, as often as is said. */
function findsOneToPrune(lookups: number): Answer {
  const looked = new Map<string, number>();
  return ({ method, url: path = '' }, server) => {
    if (method !== 'GET') return undefined;
    if (path.startsWith('/subscriptions?')) return subscriptions;
    if (path.startsWith(`${zoneA}/A?`)) return answered({ value: [aRecordSet('web')] });
    if (!path.startsWith(`${goneGroup}?`)) return answered({ value: [] });
    const times = (looked.get(server) ?? 0) + 1;
    looked.set(server, times);
    return times > lookups ? undefined : absent;
  };
}
const notPruned = (why: RegExp) =>
  new RegExp(`^exit 3: .*A web\\.spoke-a.*: ${why.source}.* no answer in time`, 's');

/** @param length that of the body. */
type IsHanging = (method: string, path: string, length: number) => boolean;

/** All is there that a test event needs, until a request that a test has hang. */
const sendsEvent =
  (isHanging: IsHanging): Answer =>
  ({ method = '', url: path = '', headers }) => {
    if (isHanging(method, path, Number(headers['content-length']))) return undefined;
    if (path.startsWith('/subscriptions?')) return subscriptions;
    if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/?]+\?/.test(path)) return answered({ id: 'a group' });
    const [, name] = /\/A\/(evenkeel-doctor-\w+)/.exec(path) ?? [];
    if (name !== undefined && (method === 'PUT' || method === 'GET')) return answered(aRecordSet(name));
    if (method === 'DELETE' || isOfTopic(path)) return { body: '' };
    return absent;
  };
const isOfTopic = (path: string) => path.startsWith('/?api-version=2018-01-01');
const isOfRecordSet = (path: string) => path.includes('/A/evenkeel-doctor-');
const testEvent = (afterMs: number, says: RegExp, isHanging: IsHanging): Command => ({
  ...{ args: ['doctor', '--send-event'], afterMs, before: sendsEvent(isHanging) },
  says: new RegExp(`Test event: could not run: ${says.source}`),
});

const armSays = /^exit 1: .*(read|list) .+ on .+ no answer in time\n/s;
export const ofAzure: readonly Command[] = [
  { args: ['plan', group], afterMs: 8_000, says: armSays },
  { args: ['reconcile', group, '--yes'], afterMs: 8_000, says: armSays },
  { args: ['groups'], afterMs: 8_000, says: armSays },
  { args: ['audit'], afterMs: 8_000, says: armSays },
  { args: ['prune', '--yes'], afterMs: 8_000, says: armSays },
  { args: history, afterMs: 60_000, says: /✖ query logs on the workspace .+: no answer in time\n$/ },
  {
    args: ['replay'],
    afterMs: 20_000,
    says: /✖ (list the dead letters|look at the poison queue) on http.+: no answer in time; check/,
  },
  // After the search, the owner is looked up again, and then its record set is removed.
  { args: ['prune', '--yes'], afterMs: 8_000, says: notPruned(/read/), before: findsOneToPrune(1) },
  { args: ['prune', '--yes'], afterMs: 8_000, says: notPruned(/delete/), before: findsOneToPrune(2) },
  testEvent(8_000, /create A evenkeel-doctor-\w+ on .+ no answer in time/, (method) => method === 'PUT'),
  testEvent(
    6_000,
    /1 signal\(s\) could not be published/,
    (_, path, length) => isOfTopic(path) && length > 2,
  ),
  testEvent(
    16_000,
    /the test record set evenkeel-doctor-\S+ may be left, .+ no answer in time; remove it/,
    (method, path) => method === 'GET' && isOfRecordSet(path),
  ),
  // The checks run at the same time; two of them ask the app first.
  {
    args: ['doctor'],
    afterMs: 38_000,
    says: /cannot be reached: no answer in time.+ \d+ checks could not run\n$/s,
  },
];

export const ofTheDirectory: readonly Command[] = [
  [['plan', group], 60_000] as const,
  [['reconcile', group, '--yes'], 60_000] as const,
  [['groups'], 300_000] as const,
  [['audit'], 540_000] as const,
  [['prune', '--yes'], 540_000] as const,
  [history, 90_000] as const,
  [['doctor', '--app', 'http://127.0.0.1:1'], 180_000] as const,
].map(([args, afterMs]) => ({
  ...{ args, afterMs },
  says: /✖ Not signed in to Azure \(no token came in time\): run az login,/,
}));
