/** The two bodies in which Resource Manager and its providers report an error. */
export type ErrorShape = 'nested' | 'flat';

/** A refusal that a client of the simulator sees as an HTTP answer. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly shape: ErrorShape;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { shape?: ErrorShape; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.shape = options.shape ?? 'nested';
    this.headers = options.headers ?? {};
  }

  get body(): unknown {
    const error = { code: this.code, message: this.message };
    return this.shape === 'flat' ? error : { error };
  }
}

export const resourceNotFound = (type: string, name: string, resourceGroup: string): ArmError =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
