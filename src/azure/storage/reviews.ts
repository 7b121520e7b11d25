import { StateChangedError } from '../../lib/errors.ts';
import type { ReviewStateStore } from '../../routing/ports.ts';
import { decodeReviewState, encodeReviewState } from '../../routing/state-codec.ts';
import { tableKey, textOf, textProperties } from './entities.ts';
import type { Table } from './tables.ts';

export const reviewTableName = 'EvenkeelReviews';
const rowKey = 'review';

/** One entity a registry, with the state of its last review. */
export const reviewTable = (table: Table): ReviewStateStore => ({
  async read(key, deadline) {
    const entity = await table.get(tableKey(key), rowKey, deadline);
    if (entity === undefined) return undefined;
    return { state: decodeReviewState(key, textOf(entity)), etag: entity.etag };
  },
  async write(key, state, etag, deadline) {
    const entity = {
      partitionKey: tableKey(key),
      rowKey,
      // For people who read the table.
      reviewedAt: state.reviewedAt,
      ...textProperties(encodeReviewState(state)),
    };
    if (etag === undefined) return table.insert(entity, deadline);
    // An empty ETag would be sent as no condition.
    if (etag === '') throw new StateChangedError(`a write of the review of ${key}`);
    return table.replace(entity, etag, deadline);
  },
});
