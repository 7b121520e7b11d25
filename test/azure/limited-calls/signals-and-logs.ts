import type { TokenCredential } from '@azure/core-auth';
import type { Deadline } from '../../../src/lib/deadline.ts';
import { adapters } from './adapters.ts';
import { closed, insecure, type LimitedCall, type TokenCall } from './limited-call.ts';

const signal = {
  id: '1',
  type: 'evenkeel.registry.replicated',
  source: 's',
  subject: 's',
  data: {},
} as const;
const row = {
  ...{ TimeGenerated: '2026-11-21T08:00:00Z', Finding: 'drift', ContainerGroup: 'g', HostName: 'h' },
  ...{ Zone: 'z', LiveAddress: null, RecordAddress: null, EventId: 'e', LagMs: null },
};
const rule = { ruleId: 'dcr-1', stream: 'Custom-Drift' };

const query = (
  at: { readonly endpoint: string; readonly credential: TokenCredential | undefined },
  deadline: Deadline,
) =>
  adapters.queryObservations(
    { ...at, audience: at.endpoint, id: 'w' },
    { query: 'q', start: new Date(), end: new Date() },
    deadline,
  );

export const signalAndLogCalls: readonly LimitedCall[] = [
  {
    ...{ what: 'a topic', ownMs: 6_000, says: /^SignalError: .*1/ },
    make: (url) => adapters.signalTopic(insecure(url), undefined).publish([signal]),
  },
  {
    what: 'the drift log',
    ownMs: 10_000,
    says: /^UncertainCallError: upload an observation on the data collection rule dcr-1 did not succeed: no answer in time; check LOGS_INGESTION_ENDPOINT$/,
    make: (url) => adapters.driftLog({ endpoint: insecure(url), ...rule }, undefined, url).write(row),
  },
  {
    what: 'a query of the log workspace',
    ownMs: 60_000,
    isDroppedLate: true,
    says: /^UncertainCallError: query logs on the workspace w did not succeed: no answer in time$/,
    make: (endpoint, deadline) => query({ endpoint, credential: undefined }, deadline),
  },
];

export const signalAndLogTokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'a topic', ownMs: 6_000, says: /^SignalError/ },
    make: (credential) => adapters.signalTopic(closed, credential).publish([signal]),
  },
  {
    ...{ what: 'the drift log', ownMs: 10_000, says: /^UncertainCallError: upload an observation/ },
    make: (credential) => adapters.driftLog({ endpoint: closed, ...rule }, credential, 'a').write(row),
  },
  {
    ...{ what: 'a query of the log workspace', ownMs: undefined, says: /^UncertainCallError: query logs/ },
    make: (credential, deadline) => query({ endpoint: closed.url, credential }, deadline),
  },
];
