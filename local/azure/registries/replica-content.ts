import { blobsOf, type ImageBlob, type Manifest } from './manifest.ts';

/** A push, a deletion, or the removal of a tag alone, on its way to every replica. */
export interface Change {
  readonly kind: 'push' | 'delete' | 'untag';
  readonly isChart: boolean;
  /** Later changes of the simulator have greater ones, whatever times they tell. */
  readonly sequence: number;
  readonly repository: string;
  /** Undefined for a deletion or a push by digest only. */
  readonly tag: string | undefined;
  readonly manifest: Manifest;
  /** Time of the change, as webhooks and events tell it. */
  readonly timestamp: string;
  /** The host that the client spoke to. */
  readonly host: string;
  /** Id of the client's request. */
  readonly requestId: string;
}

export type WebhookAction = 'push' | 'delete' | 'chart_push' | 'chart_delete';

/** A change that replicas tell of; nobody is told that a tag alone was removed. */
export type ToldChange = Change & { readonly kind: 'push' | 'delete' };

export const isTold = (change: Change): change is ToldChange => change.kind !== 'untag';

export const actionOf = ({ kind, isChart }: ToldChange): WebhookAction => `${isChart ? 'chart_' : ''}${kind}`;

/** What an arriving change did. One that was `overtaken` by a later change does nothing. */
type Effect = 'pushed' | 'retagged' | 'deleted' | 'untagged' | 'overtaken';

/** Where a change that comes after a later one has the last word all the same, for ever. */
interface LateWord {
  /** An older push takes its tag back. */
  readonly olderCopyMovesTag: boolean;
  /** An older deletion takes a later push with it. */
  readonly olderCopyDeletes: boolean;
}

/**
 * The images of one replica. Changes may arrive in any order; the later of two has the last word. What is withheld of
 * them is not there, whatever else the replica holds: a manifest whose copy has not come, or a blob.
 */
export class ReplicaContent {
  /** Manifests by `repository@digest`. */
  private readonly manifests = new Map<string, { readonly manifest: Manifest; readonly pushed: number }>();
  /** By `repository:tag`; without a digest once the tag is removed. */
  private readonly tags = new Map<string, { readonly digest: string | undefined; readonly moved: number }>();
  private readonly deletions = new Map<string, number>();
  /** Configs and layers by `repository@digest`, with the digests of the manifests that need them. */
  private readonly blobs = new Map<string, { readonly blob: ImageBlob; readonly users: Set<string> }>();
  /** By `repository@digest`: what is to happen once it is no longer withheld. */
  private readonly withheld = new Map<string, (() => void)[]>();

  apply(change: Change, late: LateWord): Effect {
    switch (change.kind) {
      case 'push':
        return this.push(change, late);
      case 'delete':
        return this.delete(change, late);
      case 'untag':
        return this.untag(change);
    }
  }

  /** @param reference A tag or a digest. */
  find(repository: string, reference: string): Manifest | undefined {
    const digest = reference.includes(':') ? reference : this.tags.get(`${repository}:${reference}`)?.digest;
    const key = `${repository}@${digest}`;
    return this.withheld.has(key) ? undefined : this.manifests.get(key)?.manifest;
  }

  findBlob(repository: string, digest: string): ImageBlob | undefined {
    const key = `${repository}@${digest}`;
    return this.withheld.has(key) ? undefined : this.blobs.get(key)?.blob;
  }

  /** Whether a manifest is there with its config and layers. */
  isComplete(repository: string, manifest: Manifest): boolean {
    return (
      this.find(repository, manifest.digest) !== undefined &&
      blobsOf(manifest).every(({ digest }) => this.findBlob(repository, digest) !== undefined)
    );
  }

  /** @param key `repository@digest` of a manifest or blob that the replica has or will have. */
  withhold(key: string): void {
    if (!this.withheld.has(key)) this.withheld.set(key, []);
  }

  /** Lets `effect` wait while a manifest is withheld. Returns whether it has to. */
  defer(key: string, effect: () => void): boolean {
    const waiting = this.withheld.get(key);
    waiting?.push(effect);
    return waiting !== undefined;
  }

  /** Ends the withholding of some or all, and returns what waited for it. */
  restore(keys: Iterable<string> = [...this.withheld.keys()]): readonly (() => void)[] {
    return [...keys].flatMap((key) => {
      const waiting = this.withheld.get(key) ?? [];
      this.withheld.delete(key);
      return waiting;
    });
  }

  get size(): number {
    return this.manifests.size;
  }

  private push({ repository, tag, manifest, sequence }: Change, late: LateWord): Effect {
    const key = `${repository}@${manifest.digest}`;
    if ((this.deletions.get(key) ?? -1) > sequence) return 'overtaken';
    const known = this.manifests.get(key);
    this.manifests.set(key, { manifest, pushed: Math.max(sequence, known?.pushed ?? sequence) });
    for (const blob of blobsOf(manifest)) {
      const held = this.blobs.get(`${repository}@${blob.digest}`) ?? { blob, users: new Set() };
      held.users.add(manifest.digest);
      this.blobs.set(`${repository}@${blob.digest}`, held);
    }
    if (tag !== undefined) {
      const tagKey = `${repository}:${tag}`;
      const moved = this.tags.get(tagKey)?.moved ?? -1;
      if (late.olderCopyMovesTag || moved < sequence)
        this.tags.set(tagKey, { digest: manifest.digest, moved: sequence });
    }
    return known === undefined ? 'pushed' : 'retagged';
  }

  private delete({ repository, manifest: { digest }, sequence }: Change, late: LateWord): Effect {
    const key = `${repository}@${digest}`;
    this.deletions.set(key, Math.max(sequence, this.deletions.get(key) ?? sequence));
    const held = this.manifests.get(key);
    if (held === undefined || (held.pushed > sequence && !late.olderCopyDeletes)) return 'overtaken';
    this.manifests.delete(key);
    for (const blob of blobsOf(held.manifest)) {
      const users = this.blobs.get(`${repository}@${blob.digest}`)?.users;
      users?.delete(digest);
      if (users?.size === 0) this.blobs.delete(`${repository}@${blob.digest}`);
    }
    for (const [tag, target] of this.tags) {
      if (target.digest !== digest || !tag.startsWith(`${repository}:`)) continue;
      this.tags.set(tag, { digest: undefined, moved: Math.max(target.moved, sequence) });
    }
    return 'deleted';
  }

  private untag({ repository, tag, sequence }: Change): Effect {
    const key = `${repository}:${tag}`;
    const known = this.tags.get(key);
    if ((known?.moved ?? -1) > sequence) return 'overtaken';
    this.tags.set(key, { digest: undefined, moved: sequence });
    return known?.digest === undefined ? 'overtaken' : 'untagged';
  }
}
