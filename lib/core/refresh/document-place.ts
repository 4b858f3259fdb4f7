/** A word for the three places that definitions can come from. */

/**
 * Where definitions come from: fetched from the source, read in the shared copy, or taken from the
 * snapshot file because neither could be had.
 * @publicApi
 */
export type DocumentPlace = 'source' | 'cache' | 'snapshot-file';
