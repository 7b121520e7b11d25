/** The colour and the icon of a state. */
export type Tone = 'ok' | 'error' | 'warning' | 'unknown' | 'progress' | 'off' | 'none';
