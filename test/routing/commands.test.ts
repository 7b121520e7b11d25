import { describe, expect, it } from 'vitest';
import { routingCommands } from '../../src/routing/commands.ts';
import { aRegistry } from './fixtures.ts';

describe('a command', () => {
  it('can be pasted into a shell whatever the resource group is called', () => {
    expect(routingCommands(aRegistry({ resourceGroup: "rg (o'brien)" }), 'westus').off).toContain(
      "--resource-group 'rg (o'\\''brien)' --subscription",
    );
  });
});
