// Runs before `azd down`: removes what connect.bicep has created outside of the app's resource group. Records stay.
import { required, runHook } from './azure-cli.mjs';
import { connectionName, lastCreated, remove } from './connections.mjs';

await runHook(async () => {
  const { AZURE_SUBSCRIPTION_ID } = required(['AZURE_SUBSCRIPTION_ID', 'AZURE_ENV_NAME'], process.env);
  const created = await lastCreated(AZURE_SUBSCRIPTION_ID, connectionName(process.env));
  if (created.length === 0)
    console.log('evenkeel: no second deployment is recorded, so there is nothing to remove');
  await remove(created);
});
