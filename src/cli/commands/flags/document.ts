import * as v from 'valibot';
import { type Registry, type Replica, statusSchema } from '../../../status/schema.ts';
import { withPlainTexts } from '../../output/text.ts';

export type ReportedReplica = Replica;

/** A registry of the status document. As JSON it is what the app sent, with what this version does not know. */
export interface ReportedRegistry extends Registry {
  toJSON(): unknown;
}

const reportSchema = v.pick(statusSchema, ['now', 'problems', 'registries']);
const sentSchema = v.object({ registries: v.array(v.unknown()) });

/** The part of the status document that is about replicas. */
interface ReplicaReport extends Omit<v.InferOutput<typeof reportSchema>, 'registries'> {
  readonly registries: readonly ReportedRegistry[];
}

/** @returns `undefined` for what is no status document. */
export function readReplicaReport(body: unknown): ReplicaReport | undefined {
  const texts = withPlainTexts(body);
  const report = v.safeParse(reportSchema, texts);
  const sent = v.safeParse(sentSchema, texts);
  if (!report.success || !sent.success) return undefined;
  const registries = report.output.registries.map((registry, index) => ({
    ...registry,
    toJSON: () => sent.output.registries[index],
  }));
  return { ...report.output, registries };
}

export const isFlagged = ({ verdict }: ReportedReplica): boolean => verdict === 'flagged';

/** Nothing is to be said of the others. */
export const isNoteworthy = (replica: ReportedReplica): boolean =>
  isFlagged(replica) || replica.contested || replica.routed !== true || replica.rehearsal !== null;
