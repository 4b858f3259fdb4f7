/** The port to definitions that were put beside the app when it was built. */

export type SnapshotFileReading =
  | { readonly ok: true; readonly document: unknown; readonly ageMs: number }
  | { readonly ok: false; readonly message: string };

/** Reading it never rejects. */
export interface SnapshotFile {
  /** Where it is, for logs. */
  readonly description: string;
  /** @param nowMs wall-clock time, in milliseconds since 1970. */
  read(nowMs: number): Promise<SnapshotFileReading>;
}
