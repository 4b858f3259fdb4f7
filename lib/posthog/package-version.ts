/**
 * The version of this package, as it introduces itself to PostHog. A constant, since no path to
 * package.json holds in both builds; a test keeps it equal to package.json.
 */
export const packageVersion = '0.1.0';
