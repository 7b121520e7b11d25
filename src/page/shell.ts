/** A word of a command line as a POSIX shell reads it back. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
