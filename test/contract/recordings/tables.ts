import type { Recording } from './exchange.ts';

/** The table of the recordings, at an account whose path is empty. */
export const tableName = 'Recorded';
const entity = `/${tableName}(PartitionKey='P4_node',RowKey='R4')`;
const written = `W/"datetime'2022-02-01T20%3A52%3A39.3170186Z'"`;
const json = { 'content-type': 'application/json;odata=minimalmetadata' };
const asks = { accept: 'application/json;odata=minimalmetadata', dataserviceversion: '3.0' };

export const lifeOfAnEntity: Recording = {
  source:
    'Azure/azure-sdk-for-js: sdk/tables/data-tables/recordings/node/tableclient_createentity_getentity_and_delete/recording_should_createentity_with_int64.json, 2022; the refusal from Azure/azure-sdk-for-net: sdk/tables/Azure.Data.Tables/tests/SessionRecords/TableClientLiveTests/EntityDeleteRespectsEtag.json, 2020',
  exchanges: [
    {
      what: 'insert',
      request: {
        method: 'POST',
        path: `/${tableName}`,
        headers: {
          ...asks,
          'content-type': 'application/json;odata=nometadata',
          prefer: 'return-no-content',
        },
        body: {
          PartitionKey: 'P4_node',
          RowKey: 'R4',
          testField: '12345543221',
          'testField@odata.type': 'Edm.Int64',
        },
      },
      answer: { status: 204, headers: { etag: written, 'preference-applied': 'return-no-content' } },
    },
    {
      what: 'read',
      request: { method: 'GET', path: entity, headers: asks },
      answer: {
        status: 200,
        headers: { ...json, etag: written },
        body: {
          'odata.metadata': `https://account.table.core.windows.net/$metadata#${tableName}/@Element`,
          'odata.etag': written,
          PartitionKey: 'P4_node',
          RowKey: 'R4',
          Timestamp: '2022-02-01T20:52:39.3170186Z',
          'testField@odata.type': 'Edm.Int64',
          testField: '12345543221',
        },
      },
    },
    {
      what: 'deletion on an old ETag',
      request: {
        method: 'DELETE',
        path: entity,
        headers: { ...asks, 'if-match': `W/"datetime'2020-04-30T22%3A03%3A12.7215412Z'"` },
      },
      answer: {
        status: 412,
        headers: json,
        body: {
          'odata.error': {
            code: 'UpdateConditionNotSatisfied',
            message: {
              lang: 'en-US',
              value: 'The update condition specified in the request was not satisfied.',
            },
          },
        },
      },
    },
    {
      what: 'deletion',
      request: { method: 'DELETE', path: entity, headers: { ...asks, 'if-match': '*' } },
      answer: { status: 204, headers: {} },
    },
  ],
};

const parts = (...lines: readonly string[]) => [...lines, ''].join('\r\n');
const changes = (...lines: readonly string[]) =>
  parts(
    '--batchresponse_1',
    'Content-Type: multipart/mixed; boundary=changesetresponse_1',
    '',
    '--changesetresponse_1',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    ...lines,
    '--changesetresponse_1--',
    '--batchresponse_1--',
  );
const multipart = { 'content-type': 'multipart/mixed; boundary=batchresponse_1' };

/** A transaction on a table that is not there: the batch is accepted, and what it holds is refused. */
export const transactionOnNoTable: Recording = {
  source:
    'Azure/azure-sdk-for-js: sdk/tables/data-tables/recordings/node/{handle_suberror/recording_should_handle_sub_request_error,batch_operations/recording_should_send_a_set_of_create_batch_operations}.json, 2022',
  exchanges: [
    {
      what: 'batch that is refused',
      request: { method: 'POST', path: '/$batch' },
      answer: {
        status: 202,
        headers: multipart,
        body: changes(
          'HTTP/1.1 404 Not Found',
          'X-Content-Type-Options: nosniff',
          'DataServiceVersion: 3.0;',
          'Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8',
          '',
          '{"odata.error":{"code":"TableNotFound","message":{"lang":"en-US","value":"0:The table specified does not exist.\\nRequestId:a5ad7e5b-0002-0010-3fad-17b759000000\\nTime:2022-02-01T20:52:48.2699919Z"}}}',
        ),
      },
    },
    {
      what: 'batch that is done',
      request: { method: 'POST', path: '/$batch' },
      answer: {
        status: 202,
        headers: multipart,
        body: changes(
          'HTTP/1.1 204 No Content',
          'X-Content-Type-Options: nosniff',
          'Cache-Control: no-cache',
          'Preference-Applied: return-no-content',
          'DataServiceVersion: 3.0;',
          `ETag: ${written}`,
          '',
          '',
        ),
      },
    },
  ],
};
