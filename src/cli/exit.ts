/** The exit codes of the command line. */
export const EXIT = { passed: 0, failed: 1, unable: 2, interrupted: 130 } as const;
