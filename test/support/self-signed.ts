import { generateKeyPairSync, sign } from 'node:crypto';

/** One element in DER. https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const utcTime = (year: string) => der(0x17, Buffer.from(`${year}0101000000Z`));

/**
 * A self-signed certificate for host names, as PEM with its key, valid until 2049. Node can check certificates but not
 * create them.
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSigned(hosts: readonly string[]): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(der(0x06, bytes('2a8648ce3d040302')));
  const commonName = sequence(der(0x06, bytes('550403')), der(0x0c, Buffer.from('evenkeel tests')));
  const name = sequence(der(0x31, commonName));
  const alternativeNames = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))));
  const extension = sequence(der(0x06, bytes('551d11')), der(0x04, alternativeNames));
  const content = sequence(
    der(0xa0, der(0x02, bytes('02'))),
    der(0x02, bytes('01')),
    ecdsaWithSha256,
    name,
    sequence(utcTime('20'), utcTime('49')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, bytes('00'), sign('sha256', content, privateKey));
  const base64 = sequence(content, ecdsaWithSha256, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
