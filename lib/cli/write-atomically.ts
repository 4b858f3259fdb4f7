/** Writes a file as a whole or not at all, also when the process or the machine dies meanwhile. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** An image or a layer is read by another user than the one who builds it. */
const MODE = 0o644;

/** @throws what the file system throws; what was there is then as it was. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  // Beside the file: only within one file system a rename is atomic. Never an existing file.
  const staged = `${path}.${randomUUID()}.tmp`;
  const handle = await open(staged, 'wx', MODE);
  try {
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}
