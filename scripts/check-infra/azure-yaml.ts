/** azure.yaml against the schema that azd publishes; a copy of it stands beside this file. */
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import schema from './azure.yaml.schema.json' with { type: 'json' };
import { textOf } from './files.ts';
import { resultOf, type Step } from './step.ts';

/** Where a document differs from azd's schema, each as a sentence with the path. */
export function azureYamlFindings(text: string): string[] {
  // The schema has keywords that are for editors.
  const ajv = new Ajv2019({ allErrors: true, strict: false, validateFormats: false });
  // Extensions of azd have schemas of their own, for hosts that are not used here.
  for (const [, url = ''] of JSON.stringify(schema).matchAll(/"\$ref":"(https:[^"#]+)"/g)) {
    if (ajv.getSchema(url) === undefined) ajv.addSchema({}, url);
  }
  const isValid = ajv.compile(schema);
  if (isValid(parse(text))) return [];
  return (isValid.errors ?? []).map(
    ({ instancePath, message, params }) => `azure.yaml${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

export const azureYamlStep: Step = {
  name: "azd's schema of azure.yaml",
  run: async () => resultOf(azureYamlFindings(textOf('azure.yaml')), 'azure.yaml'),
};
