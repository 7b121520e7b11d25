import type { TokenCredential } from '@azure/core-auth';
import { AnonymousCredential, BlobServiceClient } from '@azure/storage-blob';
import type { ReportStore } from '../../dns/audit/audit.ts';
import { type AuditReport, parseAuditReport } from '../../dns/audit/report.ts';
import { parseJson } from '../../lib/json.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';
import { callWithin } from '../call-within.ts';

/**
 * The report of the last sweep. It is one blob, which each sweep replaces.
 *
 * @param credential `undefined` for a connection string, and on loopback.
 */
export function reportBlob(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): ReportStore {
  const container = blobService(connection, credential).getContainerClient('evenkeel');
  const blob = container.getBlockBlobClient('dns-audit.json');
  return {
    async read(deadline): Promise<AuditReport | undefined> {
      try {
        const text = await storageCallWithin(deadline.remainingMs(), 'read the report', blob, (abortSignal) =>
          blob.downloadToBuffer(0, undefined, { abortSignal }),
        );
        return parseAuditReport(parseJson(text.toString()));
      } catch (error) {
        if (refusalOf(error)?.status === 404) return undefined;
        throw error;
      }
    },
    async write(report, deadline): Promise<void> {
      const text = Buffer.from(JSON.stringify(report));
      const blobHTTPHeaders = { blobContentType: 'application/json' };
      await storageCallWithin(deadline.remainingMs(), 'write the report', blob, async (abortSignal) => {
        const upload = () => blob.uploadData(text, { blobHTTPHeaders, abortSignal });
        await upload().catch(async (error: unknown) => {
          if (refusalOf(error)?.status !== 404) throw error;
          await container.createIfNotExists({ abortSignal });
          await upload();
        });
      });
    },
  };
}

/**
 * A call to a blob, a container or a queue, which ends in time, whatever storage and the SDK do.
 * @throws {UncertainCallError} when it takes too long, and what the SDK throws.
 */
export const storageCallWithin = <T>(
  timeoutMs: number,
  operation: string,
  { url: scope }: { readonly url: string },
  run: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> =>
  callWithin(
    timeoutMs,
    { operation, scope, advice: 'check that the account answers from here, and its network rules' },
    run,
  );

/** The client of a blob service. */
export function blobService(
  connection: StorageConnection,
  credential: TokenCredential | undefined,
): BlobServiceClient {
  const options = { retryOptions: { maxTries: 2, tryTimeoutInMs: 10_000 } };
  return connection.kind === 'connectionString'
    ? BlobServiceClient.fromConnectionString(connection.connectionString, options)
    : new BlobServiceClient(connection.endpoint.url, credential ?? new AnonymousCredential(), options);
}
