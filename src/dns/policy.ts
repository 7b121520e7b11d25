export const dnsPolicies = ['sync', 'upsert-only', 'observe'] as const;
export type DnsPolicy = (typeof dnsPolicies)[number];
