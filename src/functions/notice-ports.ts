import type { Deadline } from '../deadline.ts';
import type { ImageReport } from '../events/image-report.ts';
import type { Log, LogFields } from '../log.ts';
import type { Registry } from '../registries/registry.ts';
import type { ReplicaDirectory } from '../registries/replica-directory.ts';
import type { Notice } from '../replication/notice.ts';
import type { Recorded } from '../replication/recorder.ts';

/** Where both inputs of image replication lead. */
export interface NoticePorts {
  readonly directory: Pick<ReplicaDirectory, 'has'>;
  /** @throws {StateUnavailableError} when it is not recorded. */
  record(notice: Notice, registry: Registry, deadline: Deadline, log: Log): Promise<Recorded>;
}

/** What a log line says of an image. */
export const reportFacts = ({ action, repository, tag, digest }: ImageReport): LogFields => ({
  action,
  repository,
  tag: tag ?? null,
  digest,
});
