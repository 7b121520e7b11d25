import type { ReportedReplica } from './document.ts';

/** The evidence in a few words: what is as it should be is left out, but for the endpoint. */
export function evidenceText({
  provisioning,
  reachability,
  lateImages,
  policy,
}: ReportedReplica['evidence']) {
  const words = [
    policy == null ? '' : policyText(policy),
    reachability == null ? '' : reachabilityText(reachability),
    provisioning == null ? 'not read' : provisioning.state === 'Succeeded' ? '' : provisioning.state,
    lateImages == null || lateImages.late === 0
      ? ''
      : `${lateImages.late} of ${lateImages.lateInRegistry} late images`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

function reachabilityText({
  kind,
  reason,
  latencyMs,
}: NonNullable<ReportedReplica['evidence']['reachability']>): string {
  if (kind === 'alive') return latencyMs == null ? 'answers' : `answers in ${latencyMs} ms`;
  if (kind === 'throttled') return 'answers 429';
  return reason ?? kind;
}

const policyText = ({ routing, until }: NonNullable<ReportedReplica['evidence']['policy']>): string =>
  until == null ? `policy: ${routing}` : `maintenance until ${until}`;
