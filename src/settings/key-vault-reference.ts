/** https://learn.microsoft.com/azure/app-service/app-service-key-vault-references */
const reference = /^\s*@Microsoft\.KeyVault\([^)]*\)?/i;

/** Whether the platform puts a secret in the place of this text. */
export const isKeyVaultReference = (text: string): boolean => reference.test(text);

/**
 * What is wrong with a setting whose text is a Key Vault reference: the platform gives the app the reference itself
 * when it cannot read the secret.
 * @returns `undefined` for any other text.
 */
export function unresolvedReference(setting: string, text: string): string | undefined {
  const found = reference.exec(text)?.[0].trim();
  if (found === undefined) return undefined;
  const expected = `${setting}: expected the value of a secret, found the Key Vault reference ${JSON.stringify(found)}, which did not resolve`;
  const check =
    "check that the secret exists, that the app's identity for references has the role Key Vault Secrets User, and that the vault's network lets the app in; then restart the app";
  return `${expected}; ${check}; outside Azure, give the value itself`;
}
