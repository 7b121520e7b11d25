import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { LocalAzure } from '../../../local/azure/local-azure.ts';

export interface SecureAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: () => unknown;
}

interface SecureCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** Calls an https host of the local Azure as a process that trusts its certificate, without following redirects. */
export function secureCall(
  azure: LocalAzure,
  url: string,
  { method = 'GET', headers = {}, form }: SecureCall = {},
): Promise<SecureAnswer> {
  const ca = readFileSync(azure.trustedEnvironment['NODE_EXTRA_CA_CERTS'] ?? '');
  const body = form && new URLSearchParams(form).toString();
  const typed = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const call = request(url, { ca, method, headers: { ...typed, ...headers }, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          text,
          json: () => JSON.parse(text),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}
