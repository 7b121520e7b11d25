/** The Azure clouds that Azure Private DNS and Container Instances are in. */
export const clouds = {
  AzurePublicCloud: {
    armEndpoint: 'https://management.azure.com',
    armAudience: 'https://management.azure.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
  },
  AzureUSGovernment: {
    armEndpoint: 'https://management.usgovcloudapi.net',
    armAudience: 'https://management.usgovcloudapi.net/.default',
    authorityHost: 'https://login.microsoftonline.us',
  },
  AzureChinaCloud: {
    armEndpoint: 'https://management.chinacloudapi.cn',
    armAudience: 'https://management.chinacloudapi.cn/.default',
    authorityHost: 'https://login.chinacloudapi.cn',
  },
} as const;

export type CloudName = keyof typeof clouds;

export const isCloudName = (name: string): name is CloudName => Object.hasOwn(clouds, name);
