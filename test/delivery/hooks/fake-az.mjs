#!/usr/bin/env node
// Stands for the Azure command line: acts on a world that is a file, and writes each call into it.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['FAKE_AZ_WORLD'];
const world = JSON.parse(readFileSync(file, 'utf8'));
const args = process.argv.slice(2);
const option = (name) => args[args.indexOf(`--${name}`) + 1];
world.calls.push(args);

/** Ends with what `az` would print. */
function end(value, code = 0) {
  writeFileSync(file, JSON.stringify(world));
  (code === 0 ? process.stdout : process.stderr).write(
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  process.exit(code);
}

const command = args.filter((arg) => !arg.startsWith('--')).join(' ');
if (command.startsWith('resource wait')) end('');
if (command.startsWith('deployment sub list')) end(world.deployments);
if (command.startsWith('deployment sub show'))
  end(world.deployments.find(({ name }) => name === option('name')));
if (command.startsWith('deployment sub create')) {
  const name = option('name');
  const timestamp = new Date(Date.UTC(2026, 10, 1, 0, world.deployments.length)).toISOString();
  if (world.failures > 0) {
    world.failures -= 1;
    world.deployments.push({ name, properties: { provisioningState: 'Failed', timestamp } });
    end('RoleDefinitionDoesNotExist', 1);
  }
  for (const id of world.creates) {
    const isCold = id.includes('/eventSubscriptions/') && world.coldValidations > 0;
    if (isCold) world.coldValidations -= 1;
    world.resources[id] = isCold ? 'Failed' : 'Succeeded';
  }
  const outputs = { all: { value: [world.creates] } };
  world.deployments.push({ name, properties: { provisioningState: 'Succeeded', timestamp, outputs } });
  end({ properties: { outputs } });
}
if (command.startsWith('rest')) {
  const [id] = option('url').split('?');
  if (id.endsWith('/eventSubscriptions')) {
    const ids = Object.keys(world.resources).filter((each) => each.startsWith(`${id}/`));
    end({ value: ids.map((each) => ({ id: each, name: each.split('/').at(-1) })) });
  }
  if (args.includes('delete')) {
    if (world.locked.includes(id)) end('ScopeLocked', 1);
    delete world.resources[id];
    end('');
  }
  if (world.resources[id] === undefined) end('ResourceNotFound', 1);
  end({ id, properties: { provisioningState: world.resources[id] } });
}
if (command.startsWith('functionapp list')) {
  if (world.settings === null) end('ResourceGroupNotFound', 1);
  end([{ name: 'func-evenkeel-check' }]);
}
if (command.startsWith('functionapp config')) {
  end(Object.entries(world.settings).map(([name, value]) => ({ name, value })));
}
end(`nothing is known of ${command}`, 1);
