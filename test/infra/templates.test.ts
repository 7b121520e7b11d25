import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queueName } from '../../src/dns/queue-name.ts';
import { allBicep, arrayItems, captures, infraFile, requiredParameters } from './bicep-text.ts';

const sources = join(import.meta.dirname, '../../src');
const sourceText = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(sources, name), 'utf8'))
  .join('\n');

describe('the storage account', () => {
  const storage = infraFile('modules/storage.bicep');

  it('has the tables that the app opens', () => {
    const opened = captures(sourceText, /'(Evenkeel[A-Z][A-Za-z]+)'/g);
    expect(arrayItems(storage, 'var tables = [')).toEqual(opened.sort());
  });

  it('has the queue and the container that the app uses', () => {
    expect(captures(storage, /^var queues = \['([\w-]+)'\]$/gm)).toEqual([queueName]);
    expect(captures(storage, /^var reportContainer = '([\w-]+)'$/gm)).toEqual(
      captures(sourceText, /getContainerClient\('([\w-]+)'\)/g),
    );
  });

  it('is opened by no key', () => {
    expect(storage).toContain('allowSharedKeyAccess: false');
    expect(allBicep()).not.toMatch(/AccountKey|listKeys\('/);
  });
});

describe('the second deployment', () => {
  const connection = infraFile('connect.bicepparam');
  const outputs = captures(infraFile('main.bicep'), /^output (\w+) /gm);

  it('is given every parameter that has no default', () => {
    const given = captures(connection, /^param (\w+) =/gm);
    expect(requiredParameters(infraFile('connect.bicep')).filter((name) => !given.includes(name))).toEqual(
      [],
    );
  });

  it('and its hooks read only what the first one or azd itself puts out', () => {
    const hooks = infraFile('hooks/connect.sh') + infraFile('hooks/connect.ps1');
    const read = [
      ...captures(connection, /readEnvironmentVariable\('(\w+)'\)/g),
      ...captures(hooks, /\$(?:env:)?([A-Z]+(?:_[A-Z]+)+)\b/g),
    ];
    const fromAzd = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_SUBSCRIPTION_ID'];
    expect(read.filter((name) => !outputs.includes(name) && !fromAzd.includes(name))).toEqual([]);
  });
});

describe('the first deployment', () => {
  it('reaches into no resource group but its own, which azd would delete with it', () => {
    expect(captures(infraFile('main.bicep'), /^ {2}scope: (.*)$/gm)).toEqual(['group']);
  });

  it('puts out no secret', () => {
    expect(
      captures(allBicep(), /^output [^\n]*\b((?:getSecret|listKeys|registryWebhookSecret)\b)/gm),
    ).toEqual([]);
  });
});
