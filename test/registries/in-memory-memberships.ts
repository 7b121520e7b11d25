import { StateChangedError } from '../../src/lib/errors.ts';
import type { Membership, MembershipStore, StoredMembership } from '../../src/registries/membership.ts';

/** What is remembered of replicas, as processes share it. */
export class InMemoryMemberships implements MembershipStore {
  readonly #stored = new Map<string, StoredMembership>();
  reads = 0;
  writes = 0;

  async read(registryKey: string): Promise<StoredMembership | undefined> {
    this.reads += 1;
    return this.#stored.get(registryKey);
  }

  async write(registryKey: string, membership: Membership, version: string | undefined): Promise<void> {
    this.writes += 1;
    if (this.#stored.get(registryKey)?.version !== version) throw new StateChangedError('the membership');
    this.#stored.set(registryKey, { membership, version: String(this.writes) });
  }
}
