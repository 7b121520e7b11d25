/** A base URL whose host no resolver can be asked for, because its first label is too long: nothing leaves the machine. */
export const nowhere = `https://${'n'.repeat(64)}.invalid`;
