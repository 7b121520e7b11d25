import { StateChangedError } from '../../src/lib/errors.ts';
import type { Membership, MembershipStore, StoredMembership } from '../../src/registries/membership.ts';

/** What is remembered of replicas, as processes share it. */
export class InMemoryMemberships implements MembershipStore {
  readonly #stored = new Map<string, StoredMembership>();
  reads = 0;
  writes = 0;

  async read(registryId: string): Promise<StoredMembership | undefined> {
    this.reads += 1;
    return this.#stored.get(registryId);
  }

  async write(registryId: string, membership: Membership, version: string | undefined): Promise<void> {
    this.writes += 1;
    if (this.#stored.get(registryId)?.version !== version) throw new StateChangedError('the membership');
    this.#stored.set(registryId, { membership, version: String(this.writes) });
  }
}
