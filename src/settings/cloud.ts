/** The endpoints and audiences of an Azure cloud. */
export interface Cloud {
  readonly armEndpoint: string;
  readonly armAudience: string;
  /** The URL at which the app's identity signs in. */
  readonly authorityHost: string;
  readonly storageSuffix: string;
  readonly monitorAudience: string;
  /** Where the logs of a workspace are queried; the audience is the same. */
  readonly logsQueryEndpoint: string;
  /** The Azure portal. */
  readonly portal: string;
}

/** The Azure clouds that offer Private DNS and Container Instances. */
export const clouds = {
  AzurePublicCloud: {
    armEndpoint: 'https://management.azure.com',
    armAudience: 'https://management.azure.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
    storageSuffix: 'core.windows.net',
    monitorAudience: 'https://monitor.azure.com',
    logsQueryEndpoint: 'https://api.loganalytics.io',
    portal: 'https://portal.azure.com',
  },
  AzureUSGovernment: {
    armEndpoint: 'https://management.usgovcloudapi.net',
    armAudience: 'https://management.usgovcloudapi.net/.default',
    authorityHost: 'https://login.microsoftonline.us',
    storageSuffix: 'core.usgovcloudapi.net',
    monitorAudience: 'https://monitor.azure.us',
    logsQueryEndpoint: 'https://api.loganalytics.us',
    portal: 'https://portal.azure.us',
  },
  AzureChinaCloud: {
    armEndpoint: 'https://management.chinacloudapi.cn',
    armAudience: 'https://management.chinacloudapi.cn/.default',
    authorityHost: 'https://login.chinacloudapi.cn',
    storageSuffix: 'core.chinacloudapi.cn',
    monitorAudience: 'https://monitor.azure.cn',
    logsQueryEndpoint: 'https://api.loganalytics.azure.cn',
    portal: 'https://portal.azure.cn',
  },
} as const satisfies Record<string, Cloud>;

type CloudName = keyof typeof clouds;

export const isCloudName = (name: string): name is CloudName => Object.hasOwn(clouds, name);
