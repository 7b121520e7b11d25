import { createHmac, createSecretKey } from 'node:crypto';
import type { Pipeline, PipelinePolicy } from '@azure/core-rest-pipeline';
import { connectionStringValues } from '../../settings/storage-connection.ts';

/** The policy of the Tables SDK that signs requests with the key of a storage account. */
const policyName = 'tablesNamedKeyCredentialPolicy';

/**
 * Has requests signed with a key that is prepared once. The SDK prepares it for each request, which took a twelfth of
 * the CPU time of a webhook. Anything else than an account with its key stays as the SDK made it.
 */
export function signWithPreparedKey(pipeline: Pipeline, connectionString: string): void {
  const values = connectionStringValues(connectionString);
  const [account, key] = [values.get('accountname'), values.get('accountkey')];
  if (account === undefined || key === undefined) return;
  const replaced = pipeline.removePolicy({ name: policyName });
  if (replaced.length > 0) pipeline.addPolicy(sharedKeyPolicy(account, key));
}

/**
 * Shared Key Lite for Table storage.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#shared-key-lite-and-table-service-format-for-2009-09-19-and-later
 */
function sharedKeyPolicy(account: string, key: string): PipelinePolicy {
  const prepared = createSecretKey(key, 'base64');
  return {
    name: policyName,
    sendRequest(request, next) {
      const { headers, url } = request;
      const date = new Date().toUTCString();
      const resource = `/${account}${resourceOf(url)}`;
      const signature = createHmac('sha256', prepared).update(`${date}\n${resource}`).digest('base64');
      headers.set('x-ms-date', date);
      headers.set('authorization', `SharedKeyLite ${account}:${signature}`);
      return next(request);
    },
  };
}

/** The path of a URL, which is escaped already, and the one parameter that counts. */
function resourceOf(url: string): string {
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2));
  const query = path.indexOf('?');
  if (query < 0) return path;
  const comp = new URLSearchParams(path.slice(query)).get('comp');
  return `${path.slice(0, query)}${comp === null ? '' : `?comp=${comp}`}`;
}
