/** How simulated container groups behave where the service is slow or not documented. Times are in milliseconds. */
export interface ContainerGroupBehaviour {
  /** Time from an asynchronous creation, start or restart to the moment when the address shows. */
  readonly addressAfterMs: number;
  /** Time from the same change to `Succeeded` and `Running`. */
  readonly runningAfterMs: number;
  /** Actions of a customer after which the group comes back on another address. */
  readonly newAddressOn: { readonly restart: boolean; readonly start: boolean; readonly update: boolean };
  /** Whether a stopped group still shows its address. */
  readonly stopKeepsAddress: boolean;
  /** Whether a group whose containers have ended still shows its address. */
  readonly finishKeepsAddress: boolean;
  /** Whether a group shows its old address until an asynchronous restart gives it the new one. */
  readonly restartShowsOldAddress: boolean;
  /** Whether the event of an asynchronous change is raised when it is accepted or when it is complete. */
  readonly eventAt: 'acceptance' | 'completion';
  /** Groups in one page of a list. */
  readonly pageSize: number;
}

export const defaultContainerGroupBehaviour: ContainerGroupBehaviour = {
  addressAfterMs: 300,
  runningAfterMs: 600,
  newAddressOn: { restart: true, start: true, update: false },
  stopKeepsAddress: false,
  finishKeepsAddress: true,
  restartShowsOldAddress: true,
  eventAt: 'completion',
  pageSize: 10_000,
};
