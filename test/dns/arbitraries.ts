import fc from 'fast-check';

export const bytesOf = (address: string): number[] => address.split('.').map(Number);

/** Any IPv4 address; built from one number, not from octets. */
export const anIPv4 = fc.integer({ min: 0, max: 0xffff_ffff }).map((number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return [...bytes].join('.');
});
