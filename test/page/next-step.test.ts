import { describe, expect, it } from 'vitest';
import {
  flaggedReplica,
  groupId,
  recordSetId,
  registry,
  rehearsedReplica,
  replica,
} from '../../scripts/status-page/sample-parts.ts';
import { unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { findingStep, nextStep } from '../../src/page/next-step.ts';
import type { Finding, Replica, StatusDocument } from '../../src/status/schema.ts';

const app = 'https://my-evenkeel.azurewebsites.net';
const westus = flaggedReplica('myregistry', 'westus');
const registryId = westus.id.replace(/\/replications.*/, '');
const stepOf = (code: string, subject: string | null, status: StatusDocument = unevenStatus) =>
  nextStep({ code, message: '', since: null, subject }, { status, app });
const withReplica = (one: Replica): StatusDocument => ({
  ...unevenStatus,
  registries: [registry('myregistry', [one])],
});

describe('the next step of a problem', () => {
  it.each([
    ['settingBad', null, 'settings.md'],
    ['partUnknown', null, 'operations.md#failure-reasons'],
    ['tagDiverged', 'myregistry/team/app:v42', 'image-replication.md#states'],
    ['driftFound', null, 'dns.md#findings-of-the-audit'],
    ['imageStalled', 'myregistry/team/unknown:v1', 'image-replication.md#repairs'],
    ['novelty', null, 'operations.md#problem-codes'],
    ['registryProblem', 'no ARM id', 'operations.md#problem-codes'],
  ])('%s about %s is a page of the runbook', (code, subject, page) => {
    expect(stepOf(code, subject)).toMatchObject({ kind: 'runbook', page });
  });

  it.each([
    ['auditIncomplete', '/subscriptions/s/resourceGroups/rg', '/subscriptions/s/resourceGroups/rg/users'],
    ['dnsConflict', groupId('rg-spoke-b', 'api'), groupId('rg-spoke-b', 'api')],
    ['registryProblem', registryId, registryId],
    ['controlPlaneFrozen', registryId, `${registryId}/resourceHealth`],
    ['replicaContested', westus.id, westus.id],
  ])('%s is the resource in the Azure portal', (code, subject, path) => {
    const step = { kind: 'portal', address: `https://portal.azure.com/#resource${path}` };
    expect(stepOf(code, subject)).toMatchObject(step);
  });

  it.each(['auditOverdue', 'reviewOverdue', 'commonCause'])('%s is a check of the installation', (code) => {
    expect(stepOf(code, registryId)).toMatchObject({ kind: 'command', text: `evenkeel doctor --app ${app}` });
  });

  it('imageStalled is the commands that copy it to the first region that lacks it', () => {
    expect(stepOf('imageStalled', 'myregistry/team/app:v42')).toEqual({
      kind: 'command',
      label: 'Copy it from eastus to southeastasia',
      text: unevenStatus.images.open[0]?.repairs[0]?.commands.join('\n'),
    });
  });

  it('replicaFlagged is the switch, with the warning of the interlock that holds it', () => {
    expect(stepOf('replicaFlagged', westus.id)).toMatchObject({
      kind: 'command',
      text: westus.commands.off,
      warning: expect.stringContaining('Do not run this yet. One interlock refuses it: Hold-down'),
    });
    const free = { ...westus, interlocks: [] };
    expect(stepOf('replicaFlagged', westus.id, withReplica(free))).toMatchObject({ warning: undefined });
  });

  it('replicaFlagged of one that is out already is a look at it, and of a rehearsed one the end of that', () => {
    const out = withReplica({ ...westus, routed: false });
    expect(stepOf('replicaFlagged', westus.id, out)).toMatchObject({ kind: 'portal' });
    const rehearsed = rehearsedReplica('myregistry', 'westus');
    expect(stepOf('replicaFlagged', rehearsed.id, withReplica(rehearsed))).toMatchObject({
      text: rehearsed.commands.endRehearsal,
    });
  });

  it('replicaContested is what ends the contest', () => {
    const { commands, id } = replica('myregistry', 'westus');
    const contested = replica('myregistry', 'westus', {
      commands: { ...commands, resume: 'az tag update' },
    });
    expect(stepOf('replicaContested', id, withReplica(contested))).toMatchObject({ text: 'az tag update' });
  });

  it('driftFound with one open finding is that of the finding', () => {
    const { audit } = unevenStatus.dns;
    const one = { ...unevenStatus.dns, audit: audit && { ...audit, findings: audit.findings.slice(0, 2) } };
    expect(stepOf('driftFound', null, { ...unevenStatus, dns: one })).toMatchObject({
      text: 'evenkeel reconcile rg-spoke-b/db --subscription 00000000-0000-0000-0000-000000000000',
    });
  });
});

describe('the next step of a finding', () => {
  const finding: Finding = {
    finding: 'addressDiffers',
    containerGroup: groupId('rg-spoke-b', 'db'),
    recordSets: [recordSetId('b.example', 'a', 'db')],
    addresses: [],
    liveAddress: null,
    recordAddress: null,
    since: null,
    repair: null,
    repairedBy: null,
    healedAt: null,
  };
  it.each([
    ['reconciler', { kind: 'command', text: expect.stringMatching(/^evenkeel reconcile rg-spoke-b\/db /) }],
    ['prune', { kind: 'command', text: 'evenkeel prune' }],
    ['refused', { kind: 'portal', address: expect.stringContaining('/privatednszones/b.example/a/db') }],
    ['policy', { kind: 'runbook', page: 'dns.md#how-far-evenkeel-may-go' }],
    [null, { kind: 'runbook', page: 'dns.md#findings-of-the-audit' }],
    ['novelty', { kind: 'runbook', page: 'dns.md#findings-of-the-audit' }],
  ])('that %s repairs', (repairedBy, step) => {
    expect(findingStep({ ...finding, repairedBy }, unevenStatus)).toMatchObject(step);
  });

  it('is never a command that a name has written', () => {
    const evil = { ...finding, containerGroup: '/subscriptions/s;id', repairedBy: 'reconciler' };
    expect(findingStep(evil, unevenStatus)).toMatchObject({
      text: "evenkeel reconcile '/subscriptions/s;id'",
    });
  });
});

it.each([
  ['https://portal.azure.us', 'https://portal.azure.us'],
  ['https://evil.example', 'https://portal.azure.com'],
  ['javascript:alert(1)//', 'https://portal.azure.com'],
])('with the portal %s, links lead to %s', (portal, host) => {
  const step = stepOf('registryProblem', registryId, { ...unevenStatus, portal });
  expect(step).toMatchObject({ kind: 'portal', address: `${host}/#resource${registryId}` });
});
