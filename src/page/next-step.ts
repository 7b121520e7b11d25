import type { Finding, Problem, Replica, StatusDocument } from '../status/schema.ts';
import { shownImage } from '../status/shown-name.ts';
import { commandWarning } from './replica-state.ts';
import { shellWord } from './shell.ts';

/** The one thing to do about a problem. */
export type NextStep =
  | {
      readonly kind: 'command';
      readonly label: string;
      readonly text: string;
      /** Why it should not be run yet. */
      readonly warning?: string | undefined;
    }
  | { readonly kind: 'portal'; readonly label: string; readonly address: string }
  /** @property page in `docs/`, such as `operations.md#problem-codes`. */
  | { readonly kind: 'runbook'; readonly label: string; readonly page: string };

/** The status, and the URL of the app that sent it. */
export interface StepFacts {
  readonly status: StatusDocument;
  readonly app: string;
}

/**
 * | problem                                        | step                                                    |
 * |------------------------------------------------|---------------------------------------------------------|
 * | `settingBad`, `partUnknown`, `tagDiverged`     | the runbook                                             |
 * | `auditOverdue`, `reviewOverdue`, `commonCause` | `evenkeel doctor`                                       |
 * | `auditIncomplete`                              | who may read what could not be read, in the portal      |
 * | `driftFound`                                   | that of the finding; the runbook where there are others |
 * | `dnsConflict`                                  | the container group that claims, in the portal          |
 * | `imageStalled`                                 | the commands that copy it; the runbook where none can   |
 * | `registryProblem`, `controlPlaneFrozen`        | the registry, in the portal                             |
 * | `replicaFlagged`                               | the switch, or the end of the rehearsal                 |
 * | … which is out of routing already              | the replica, in the portal                              |
 * | `replicaContested`                             | what lets evenkeel manage it again                      |
 * | anything that this page does not know          | the runbook                                             |
 */
export function nextStep({ code, subject }: Problem, { status, app }: StepFacts): NextStep {
  switch (code) {
    case 'settingBad':
      return runbook('How to write each setting', 'settings.md');
    case 'partUnknown':
      return runbook('What each reason means', 'operations.md#failure-reasons');
    case 'tagDiverged':
      return runbook('How tags diverge and how to mend them', 'image-replication.md#states');
    case 'auditOverdue':
    case 'reviewOverdue':
    case 'commonCause':
      return {
        kind: 'command',
        label: 'Check the installation',
        text: `evenkeel doctor --app ${shellWord(app)}`,
      };
    case 'auditIncomplete':
      return portal(status, subject, 'See who may read it', '/users') ?? problemRunbook;
    case 'driftFound':
      return driftStep(status);
    case 'dnsConflict':
      return portal(status, subject, 'Rename or remove the container group') ?? problemRunbook;
    case 'imageStalled':
      return imageStep(status, subject);
    case 'registryProblem':
      return portal(status, subject, 'Look at the registry') ?? problemRunbook;
    case 'controlPlaneFrozen':
      return (
        portal(status, subject, 'Look at the health of the registry', '/resourceHealth') ?? problemRunbook
      );
    case 'replicaFlagged':
    case 'replicaContested':
      return replicaStep(status, subject, code);
    default:
      return problemRunbook;
  }
}

/**
 * | repaired by            | step                                      |
 * |------------------------|-------------------------------------------|
 * | the reconciler         | `evenkeel reconcile`, for who cannot wait |
 * | `prune`                | `evenkeel prune`                          |
 * | `refused`              | the record set, in the portal             |
 * | `policy`, or not known | the runbook                               |
 */
export function findingStep(
  { repairedBy, containerGroup, recordSets }: Finding,
  status: Pick<StatusDocument, 'portal'>,
): NextStep {
  switch (repairedBy) {
    case 'reconciler':
      return {
        kind: 'command',
        label: 'Repair it now',
        text: `evenkeel reconcile ${groupArguments(containerGroup)}`,
      };
    case 'prune':
      return { kind: 'command', label: 'Remove what nobody needs', text: 'evenkeel prune' };
    case 'refused':
      return portal(status, recordSets[0] ?? null, 'Look at the record set') ?? findingRunbook;
    case 'policy':
      return runbook('How far evenkeel may go', 'dns.md#how-far-evenkeel-may-go');
    default:
      return findingRunbook;
  }
}

/** A short form of the ARM id, which the command takes too. */
function groupArguments(id: string): string {
  const [, subscription, resourceGroup, name] =
    /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/[^/]+\/containergroups\/([^/]+)$/i.exec(
      id,
    ) ?? [];
  return subscription === undefined
    ? shellWord(id)
    : `${shellWord(`${resourceGroup}/${name}`)} --subscription ${shellWord(subscription)}`;
}

const runbook = (label: string, page: string): NextStep => ({ kind: 'runbook', label, page });
const problemRunbook = runbook('What to do about it', 'operations.md#problem-codes');
const findingRunbook = runbook('What each finding means', 'dns.md#findings-of-the-audit');

function driftStep(status: StatusDocument): NextStep {
  const open = status.dns.audit?.findings.filter(({ healedAt }) => healedAt === null) ?? [];
  const [first] = open;
  return first !== undefined && open.length === 1 ? findingStep(first, status) : findingRunbook;
}

function imageStep({ images, registries }: StatusDocument, subject: string | null): NextStep {
  const image = images.open.find((one) => shownImage(one, registries) === subject);
  const repair = image?.repairs[0];
  if (repair === undefined) return runbook('Why images are late', 'image-replication.md#repairs');
  const { region, from, commands } = repair;
  const label = from === null ? `Push it again to ${region}` : `Copy it from ${from} to ${region}`;
  return { kind: 'command', label, text: commands.join('\n') };
}

function replicaStep(
  status: StatusDocument,
  subject: string | null,
  code: 'replicaFlagged' | 'replicaContested',
): NextStep {
  const replica = status.registries.flatMap(({ replicas }) => replicas).find(({ id }) => id === subject);
  const step = replica === undefined ? undefined : replicaCommand(replica, code);
  return step ?? portal(status, subject, 'Look at the replica') ?? problemRunbook;
}

function replicaCommand(replica: Replica, code: 'replicaFlagged' | 'replicaContested'): NextStep | undefined {
  const { commands, rehearsal, routed } = replica;
  if (code === 'replicaContested') {
    return commands.resume === null
      ? undefined
      : { kind: 'command', label: 'Let evenkeel manage it again', text: commands.resume };
  }
  if (rehearsal !== null && commands.endRehearsal !== null) {
    return { kind: 'command', label: 'End the rehearsal', text: commands.endRehearsal };
  }
  if (routed === false) return undefined;
  const warning = commandWarning(replica, 'off');
  return { kind: 'command', label: 'Take it out of global routing', text: commands.off, warning };
}

/** Portals of the clouds: no other address is linked to, whatever the app says. */
const portals = /^https:\/\/portal\.azure\.(?:com|us|cn)$/;

/** @param page of the resource's own menu, such as `/users`. @returns `undefined` for what is no ARM id. */
function portal(
  status: Pick<StatusDocument, 'portal'>,
  id: string | null,
  label: string,
  page = '',
): NextStep | undefined {
  if (id === null || !/^\/subscriptions\/[^?#]+$/i.test(id)) return undefined;
  const host = portals.test(status.portal) ? status.portal : 'https://portal.azure.com';
  return { kind: 'portal', label, address: `${host}/#resource${encodeURI(id)}${page}` };
}
