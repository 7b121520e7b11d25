/**
 * How far evenkeel may go: the setting `DNS_POLICY`, and `policy` of a spoke.
 *
 * | policy        | creates, updates | deletes, takes names out of a PTR set | writes at all |
 * |---------------|------------------|---------------------------------------|---------------|
 * | `sync`        | yes              | yes                                   | yes           |
 * | `upsert-only` | yes              | no                                    | yes           |
 * | `observe`     | no               | no                                    | no: the plan of `sync` is logged |
 */
export const dnsPolicies = ['sync', 'upsert-only', 'observe'] as const;

export type DnsPolicy = (typeof dnsPolicies)[number];
