import { type Signal, signalId } from '../../signals/signal.ts';
import { driftDetectedType } from '../drift-event.ts';
import type { ReportedFinding } from './report.ts';

/** One event a finding; as long as consecutive sweeps find it, it has the same id. */
export const driftSignal = ({
  finding,
  containerGroup,
  recordSets,
  addresses,
  since,
}: ReportedFinding): Signal => ({
  id: signalId(driftDetectedType, [finding, containerGroup, since, ...recordSets]),
  type: driftDetectedType,
  source: containerGroup,
  subject: containerGroup,
  data: { finding, addresses, recordSets, since },
});
