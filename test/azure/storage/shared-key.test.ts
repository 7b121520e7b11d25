import {
  createHttpHeaders,
  createPipelineRequest,
  type Pipeline,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { signWithPreparedKey } from '../../../src/azure/storage/shared-key.ts';

const policyName = 'tablesNamedKeyCredentialPolicy';
const endpoint = 'https://account.table.core.windows.net';
const withKey = `DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${Buffer.from('not a secret').toString('base64')};TableEndpoint=${endpoint}`;
const withSignature = `TableEndpoint=${endpoint};SharedAccessSignature=sv=2021&sig=none`;

const pipelineOf = (connectionString: string): Pipeline =>
  TableClient.fromConnectionString(connectionString, 'Some').pipeline;

/** Runs the policy that signs, and returns the request as it would go on. */
async function signed(pipeline: Pipeline, request: PipelineRequest): Promise<PipelineRequest> {
  const policy = pipeline.getOrderedPolicies().find(({ name }) => name === policyName);
  await policy?.sendRequest(request, async () => ({ status: 204, headers: createHttpHeaders(), request }));
  return request;
}

describe('signWithPreparedKey', () => {
  it.each([
    `${endpoint}/Some`,
    `${endpoint}/Some(PartitionKey='team!2Fapp%7Cab',RowKey='it''s')`,
    `${endpoint}/Some()?$filter=PartitionKey%20eq%20'p'&$top=5`,
    `${endpoint}/?restype=service&comp=properties`,
    'http://127.0.0.1:10002/account/Some',
  ])('signs %s as the SDK does', async (url) => {
    const ours = pipelineOf(withKey);
    signWithPreparedKey(ours, withKey);
    const { headers } = await signed(ours, createPipelineRequest({ url }));
    const sdk = createPipelineRequest({ url });
    sdk.headers.set('x-ms-date', headers.get('x-ms-date') ?? '');
    const expected = (await signed(pipelineOf(withKey), sdk)).headers.get('authorization');
    expect(expected).toMatch(/^SharedKeyLite account:/);
    expect(headers.get('authorization')).toBe(expected);
  });

  it('leaves a shared access signature as it is', () => {
    const pipeline = pipelineOf(withSignature);
    const before = pipeline.getOrderedPolicies();
    signWithPreparedKey(pipeline, withSignature);
    expect(pipeline.getOrderedPolicies()).toEqual(before);
  });
});
