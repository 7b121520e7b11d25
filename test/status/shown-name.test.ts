import { describe, expect, it } from 'vitest';
import { withShownNames } from '../../src/status/shown-name.ts';

const a = { registry: 'myregistry', loginServer: 'myregistry.azurecr.io', id: '/a' };
const b = { registry: 'myregistry', loginServer: 'myregistry-a1b2c3.azurecr.io', id: '/b' };
const unknown = { registry: 'myregistry', loginServer: null, id: '/c' };
const other = { registry: 'other', loginServer: 'other.azurecr.io', id: '/d' };

describe('what people see of a registry', () => {
  it('is its name', () => {
    expect(withShownNames([a, other]).map(({ registry }) => registry)).toEqual(['myregistry', 'other']);
  });

  it('is its login server, or else its ARM id, where others have the name too', () => {
    expect(withShownNames([a, b, unknown, other]).map(({ registry }) => registry)).toEqual([
      'myregistry.azurecr.io',
      'myregistry-a1b2c3.azurecr.io',
      '/c',
      'other',
    ]);
  });
});
