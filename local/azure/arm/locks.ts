import { ArmError } from './arm-error.ts';
import type { ArmRequest } from './operation.ts';
import { isAtOrBelow, pathKey } from './resource-path.ts';

/** A management lock. */
interface LockSpec {
  /** ARM id of what is locked: a record set, a zone, a resource group … and all below it. */
  readonly scope: string;
  /** `CanNotDelete` refuses deletions, `ReadOnly` every write. */
  readonly level: 'CanNotDelete' | 'ReadOnly';
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
export class Locks {
  private readonly locks = new Set<LockSpec>();

  /** Returns how to remove the lock. */
  add(lock: LockSpec): { readonly remove: () => void } {
    this.locks.add(lock);
    return { remove: () => void this.locks.delete(lock) };
  }

  clear(): void {
    this.locks.clear();
  }

  get all(): readonly LockSpec[] {
    return [...this.locks];
  }

  /** @throws ArmError when a lock forbids the request. */
  check({ method, id }: ArmRequest): void {
    if (['GET', 'HEAD'].includes(method)) return;
    const isDeletion = method === 'DELETE';
    const scopes = this.all
      .filter(({ level }) => isDeletion || level === 'ReadOnly')
      .filter(({ scope }) => isAtOrBelow(pathKey(id), pathKey(scope)))
      .map(({ scope }) => scope);
    if (scopes.length === 0) return;
    throw new ArmError(
      409,
      'ScopeLocked',
      `The scope '${id}' cannot perform ${isDeletion ? 'delete' : 'write'} operation because following scope(s) are locked: '${scopes.join(',')}'. Please remove the lock and try again.`,
    );
  }
}
