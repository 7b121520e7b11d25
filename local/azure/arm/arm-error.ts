import type { JsonObject } from '../json.ts';

/**
 * The bodies in which Resource Manager (`nested`), some of its providers (`flat`) and the endpoints of registries
 * (`distribution`) report an error.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */
export type ErrorShape = 'nested' | 'flat' | 'distribution';

/** A refusal that a client of the simulator sees as an HTTP answer. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly shape: ErrorShape;
  readonly headers: Readonly<Record<string, string>>;
  private readonly members: JsonObject;

  /** @param options.members Further members of the error, such as `target`. */
  constructor(
    status: number,
    code: string,
    message: string,
    options: { shape?: ErrorShape; headers?: Readonly<Record<string, string>>; members?: JsonObject } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.shape = options.shape ?? 'nested';
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  get body(): unknown {
    const error = { code: this.code, message: this.message, ...this.members };
    if (this.shape === 'distribution') return { errors: [error] };
    return this.shape === 'flat' ? error : { error };
  }
}

export const resourceNotFound = (type: string, name: string, resourceGroup: string): ArmError =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
