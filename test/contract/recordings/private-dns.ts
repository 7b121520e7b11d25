import { sampleHub, sampleSubscriptionId } from '../../../local/azure/sample.ts';
import type { Recording } from './exchange.ts';

export const zoneName = 'spoke-a.internal.contoso.com';
const zones = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones`;
const zone = `${zones}/${zoneName}`;
const json = { 'content-type': 'application/json; charset=utf-8' };

const emptySet = (etag: string, ttl: number) => ({
  id: `${zone}/A/a8027`,
  name: 'a8027',
  type: 'Microsoft.Network/privateDnsZones/A',
  etag,
  properties: { fqdn: `a8027.${zoneName}.`, ttl, aRecords: [], isAutoRegistered: false },
});
const created = 'd572a101-bc4b-4482-87f6-bfda5ab19243';
const patched = '36c8f3b0-645c-4653-b5b2-d1815bddcb06';
const one = `${zone}/A/a8027?api-version=2020-06-01`;

/** The life of a record set without records. */
export const lifeOfARecordSet: Recording = {
  source:
    'Azure/azure-sdk-for-net: sdk/privatedns/Azure.ResourceManager.PrivateDns/tests/SessionRecords/RecordTests/ARecordOperationTest.json, 2022',
  exchanges: [
    {
      what: 'creation',
      request: { method: 'PUT', path: one, body: { properties: { ttl: 3600 } } },
      answer: { status: 201, headers: { ...json, etag: created }, body: emptySet(created, 3600) },
    },
    {
      what: 'reading',
      request: { method: 'GET', path: one },
      answer: { status: 200, headers: { ...json, etag: created }, body: emptySet(created, 3600) },
    },
    {
      what: 'change of the TTL',
      request: { method: 'PATCH', path: one, body: { properties: { ttl: 7200 } } },
      answer: { status: 200, headers: { ...json, etag: patched }, body: emptySet(patched, 7200) },
      known: [
        'more: body.error',
        ...['etag', 'id', 'name', 'properties', 'type'].map((name) => `no body.${name}`),
        'no header etag',
        'status 405 for 200',
      ],
    },
    {
      what: 'list of a type',
      request: { method: 'GET', path: `${zone}/A?api-version=2020-06-01` },
      answer: { status: 200, headers: json, body: { value: [emptySet(patched, 7200)] } },
    },
    {
      what: 'deletion',
      request: { method: 'DELETE', path: one },
      answer: { status: 200, headers: {} },
    },
    {
      what: 'reading after the deletion',
      request: { method: 'GET', path: one },
      answer: {
        status: 404,
        headers: json,
        body: {
          code: 'NotFound',
          message: `The resource record 'a8027' does not exist in resource group '${sampleHub}' of subscription '${sampleSubscriptionId}'.`,
        },
      },
    },
  ],
};

/** An update whose ETag is met. The service answers in lower case, and has no `isAutoRegistered` in this version. */
export const conditionalUpdate: Recording = {
  source:
    'Azure/azure-sdk-for-net: sdk/privatedns/Microsoft.Azure.Management.PrivateDns/tests/SessionRecords/PrivateDns.Tests.ScenarioTests.RecordSetScenarioTests/PutRecordSet_IfMatchSuccess_ExpectRecordSetUpdated.json, 2019',
  exchanges: (['5feb493e-2882-471d-ae43-c57d3e69321a', '53399c44-869b-4d98-8050-1c5ea7751456'] as const).map(
    (etag, index) => ({
      what: index === 0 ? 'creation in another casing' : 'update on an ETag',
      request: {
        method: 'PUT',
        path: `${zone}/A/recordName?api-version=2018-09-01`,
        headers: index === 0 ? {} : { 'if-match': '{etag of the answer before}' },
        body: { properties: { ttl: 50, aRecords: [{ ipv4Address: '1.2.3.4' }] } },
      },
      answer: {
        status: index === 0 ? 201 : 200,
        headers: { ...json, etag },
        body: {
          id: `${zone}/A/recordname`,
          name: 'recordname',
          type: 'Microsoft.Network/privateDnsZones/A',
          etag,
          properties: {
            fqdn: `recordname.${zoneName}.`,
            ttl: 50,
            aRecords: [{ ipv4Address: '1.2.3.4' }],
          },
        },
      },
      known: ['more: body.properties.isAutoRegistered'],
    }),
  ),
};

export const refusals: Recording = {
  source:
    'Azure/azure-sdk-for-net: sdk/privatedns/Microsoft.Azure.Management.PrivateDns/tests/SessionRecords/RecordSetScenarioTests/{PutRecordSet_ZoneNotExists,DeleteRecordSet_SoaRecord}_ExpectError.json, 2019',
  exchanges: [
    {
      what: 'record set of an absent zone, which the gateway refuses',
      request: {
        method: 'PUT',
        path: `${zones}/absent.example.com/A/recordName?api-version=2018-09-01`,
        body: { properties: { ttl: 50, aRecords: [{ ipv4Address: '1.2.3.4' }] } },
      },
      answer: {
        status: 404,
        headers: { ...json, 'x-ms-failure-cause': 'gateway' },
        body: {
          error: {
            code: 'ParentResourceNotFound',
            message:
              "Can not perform requested operation on nested resource. Parent resource 'absent.example.com' not found.",
          },
        },
      },
    },
    {
      what: 'deletion of the SOA record set, which the service refuses',
      request: { method: 'DELETE', path: `${zone}/SOA/@?api-version=2018-09-01` },
      answer: {
        status: 400,
        headers: json,
        body: {
          code: 'BadRequest',
          message: "Record sets of type 'SOA' with name '@' cannot be deleted.",
        },
      },
    },
  ],
};
