/** An argument that cannot be used; names it and what was expected. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}
