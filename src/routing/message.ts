/** What went wrong, in words for people; a deadline's own words tell them nothing. */
export function describeError(error: unknown): string {
  if (error instanceof DOMException) return 'no answer in time';
  return error instanceof Error ? error.message : String(error);
}
