import type { ImageReport } from '../events/image-report.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import type { Notice } from '../replication/notification.ts';
import type { Recorded } from '../replication/record.ts';

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
