/** A change at Resource Manager, as its activity log records it and Event Grid publishes it. */
export interface Activity {
  readonly verb: 'write' | 'delete' | 'action';
  /** Operation as the activity log names it, such as `Microsoft.ContainerInstance/containerGroups/restart/action`. */
  readonly operationName: string;
  readonly resourceId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly httpMethod: string;
}

export type ActivitySink = (activity: Activity) => void;
