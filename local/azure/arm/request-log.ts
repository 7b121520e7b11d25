/** One request that the simulator received. */
interface RequestRecord {
  readonly sequence: number;
  readonly operation: string;
  readonly method: string;
  /** Resource id in the client's spelling. */
  readonly id: string;
  /** Milliseconds of the simulator's clock. */
  readonly at: number;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Whether a credential came along. */
  readonly authorized: boolean;
  /** Kind of the injected fault that this request met. */
  readonly fault: string | undefined;
  /** Undefined while unanswered, and for ever when the answer was lost. */
  readonly status: number | undefined;
}

/** All requests, in order of arrival. Only the newest records are kept; totals count everything. */
export class RequestLog {
  private readonly limit: number;
  private records: RequestRecord[] = [];
  private next = 0;
  private readonly counts = new Map<string, number>();

  constructor(limit = 200_000) {
    this.limit = limit;
  }

  /** A point in the log; everything that arrives from now on is after it. */
  mark(): number {
    return this.next;
  }

  /** Records from `mark` on (all kept ones without it), optionally of one operation. */
  since(mark = 0, operation?: string): readonly RequestRecord[] {
    const first = this.records[0]?.sequence ?? 0;
    const found = this.records.slice(Math.max(0, mark - first));
    return operation === undefined ? found : found.filter((record) => record.operation === operation);
  }

  /** Requests by operation since the start, including those no longer kept. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }

  /** Adds a request and returns how to complete its record. */
  add(request: Omit<RequestRecord, 'sequence' | 'status'>): (status: number) => void {
    const record = { ...request, sequence: this.next, status: undefined as number | undefined };
    this.next += 1;
    this.records.push(record);
    if (this.records.length > 2 * this.limit) this.records = this.records.slice(this.limit);
    this.counts.set(request.operation, (this.counts.get(request.operation) ?? 0) + 1);
    return (status) => {
      record.status = status;
    };
  }
}
