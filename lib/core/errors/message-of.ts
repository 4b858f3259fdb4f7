/** What an error says, whatever was thrown: also a value that cannot be made a text. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something that cannot be printed was thrown';
  }
}
