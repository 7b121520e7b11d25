/** Single quotes, with apostrophes as both zsh and fish read them. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
