import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate of its own for 127.0.0.1, both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let shared: Promise<Certificate> | undefined;

/** One certificate for all that this process serves, valid for a year. */
export const loopbackCertificate = (): Promise<Certificate> => {
  shared ??= create();
  return shared;
};

async function create(): Promise<Certificate> {
  // It takes longer to load than the rest of the local Azure, and few need it.
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'evenkeel local Azure' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      // A process that is to trust it takes it for an authority: it has signed itself.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { key, cert };
}

/** Writes a certificate to a file for `NODE_EXTRA_CA_CERTS`. */
export async function certificateFile({
  cert,
}: Certificate): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-ca-'));
  const path = join(directory, 'ca.pem');
  await writeFile(path, cert);
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}
