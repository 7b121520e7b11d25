/** Commands that only ask the app. The build puts these into one file, which Node.js loads faster than twenty. */
export const appCommands: readonly string[] = ['status', 'wait', 'report', 'images', 'flags'];
