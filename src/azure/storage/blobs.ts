import type { TokenCredential } from '@azure/core-auth';
import { AnonymousCredential, BlobServiceClient } from '@azure/storage-blob';
import type { ReportStore } from '../../dns/audit/audit.ts';
import { type AuditReport, parseAuditReport } from '../../dns/audit/report.ts';
import { parseJson } from '../../lib/json.ts';
import type { StorageConnection } from '../../settings/storage-connection.ts';
import { refusalOf } from '../arm/errors.ts';

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
  const abortSignal = () => AbortSignal.timeout(20_000);
  return {
    async read(): Promise<AuditReport | undefined> {
      try {
        const text = await blob.downloadToBuffer(0, undefined, { abortSignal: abortSignal() });
        return parseAuditReport(parseJson(text.toString()));
      } catch (error) {
        if (refusalOf(error)?.status === 404) return undefined;
        throw error;
      }
    },
    async write(report: AuditReport): Promise<void> {
      const text = Buffer.from(JSON.stringify(report));
      const upload = () =>
        blob.uploadData(text, {
          blobHTTPHeaders: { blobContentType: 'application/json' },
          abortSignal: abortSignal(),
        });
      await upload().catch(async (error: unknown) => {
        if (refusalOf(error)?.status !== 404) throw error;
        await container.createIfNotExists();
        await upload();
      });
    },
  };
}

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
