/**
 * What the runtime answers at `/` where no function has that route.
 * https://learn.microsoft.com/azure/azure-functions/functions-app-settings#azurewebjobsdisablehomepage
 */
import { emptyAnswer } from './answers.ts';

const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Your Azure Function App is up and running.</title></head>
<body><p>Your Azure Function App is up and running.</p></body>
</html>
`;

export const homepage = (env: NodeJS.ProcessEnv): Response =>
  env['AzureWebJobsDisableHomepage']?.toLowerCase() === 'true'
    ? emptyAnswer(204)
    : new Response(page, { headers: { 'content-type': 'text/html' } });
