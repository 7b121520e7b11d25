/** A command line that cannot be used. The message names the argument and what was expected. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}
