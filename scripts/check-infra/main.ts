/**
 * `npm run check:infra`: everything of the deployment that can be checked without Azure, by Azure's own tools.
 *
 * A tool that is not here is left out, and a line says so. With `EVENKEEL_REQUIRE_INFRA_TOOLS=1` that is a failure.
 * `npm run check:infra -- --write` formats the templates' snapshots anew, for a change that is meant.
 */
import { azureYamlStep } from './azure-yaml.ts';
import { bicepSteps } from './bicep.ts';
import { kustoStep } from './kusto.ts';
import { findBicep, findPowerShell } from './nuget-tool.ts';
import { powerShellHooksStep, powerShellStep, shellStep } from './scripts.ts';
import { workflowsStep } from './workflows.ts';

const isRequired = process.env['EVENKEEL_REQUIRE_INFRA_TOOLS'] === '1';
const mode = process.argv.includes('--write') ? 'overwrite' : 'validate';

const powerShell = await findPowerShell(process.env);
const steps = [
  ...bicepSteps(await findBicep(process.env), mode),
  kustoStep,
  workflowsStep,
  shellStep,
  powerShellStep(powerShell),
  powerShellHooksStep(powerShell),
  azureYamlStep,
];

let failures = 0;
for (const { name, run } of steps) {
  const result = await run();
  if (result.kind === 'passed') console.log(`ok        ${name}: ${result.detail}`);
  if (result.kind === 'leftOut') {
    if (isRequired) failures += 1;
    console.log(`${isRequired ? 'FAILED   ' : 'left out '} ${name}: ${result.why}`);
  }
  if (result.kind === 'failed') {
    failures += 1;
    console.log(`FAILED    ${name}`);
    for (const finding of result.findings) console.log(`          ${finding}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
