/** A change at Resource Manager that its activity log, and so Event Grid, tells about. */
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
