import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import type { JsonObject } from '../json.ts';

const largestBytes = 1024 * 1024;

/** Rows that were sent to data collection rules; rules and streams exist as soon as somebody sends to them. */
export class LogsIngestion {
  private readonly streams = new Map<string, JsonObject[]>();

  /** The rows of a stream in order of arrival. Rule and stream are compared with their case. */
  rows(ruleId: string, stream: string): readonly JsonObject[] {
    return this.streams.get(`${ruleId}/${stream}`) ?? [];
  }

  add(ruleId: string, stream: string, rows: readonly JsonObject[]): void {
    const kept = this.streams.get(`${ruleId}/${stream}`) ?? [];
    for (const row of rows) kept.push(row);
    this.streams.set(`${ruleId}/${stream}`, kept);
  }
}

/** https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview */
const table: readonly OperationRow<LogsIngestion>[] = [
  {
    name: 'LogsIngestion_Upload',
    method: 'POST',
    path: '/dataCollectionRules/{ruleId}/streams/{stream}',
    handler: upload,
  },
];

export const logsIngestionOperations = (logs: LogsIngestion): Operation[] => operationsFrom(table, logs);

function upload(request: ArmRequest, logs: LogsIngestion): ArmAnswer {
  logs.add(request.param('ruleId'), request.param('stream'), rowsIn(request));
  return { status: 204 };
}

function rowsIn({ body }: ArmRequest): readonly JsonObject[] {
  const rows = v.safeParse(v.array(v.record(v.string(), v.unknown())), body);
  if (!rows.success) {
    throw new ArmError(400, 'InvalidPayload', 'The request body is not a JSON array of objects.');
  }
  if (Buffer.byteLength(JSON.stringify(body)) > largestBytes) {
    throw new ArmError(413, 'ContentLengthLimitExceeded', 'The request body is larger than 1 MB.');
  }
  return rows.output;
}
