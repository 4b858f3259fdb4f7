/**
 * Secrets and values for tests. Every one holds the planted word, so that a line, an error or a
 * process that tells one fails the run (see `noticed.ts`): use them wherever a key, a password, a
 * property or a cookie is needed, and never print one.
 */
import { plantedWord } from '../setup/planted-word.mjs';

export const planted = {
  projectApiKey: `phc_${plantedWord}_project`,
  secretKey: `phs_${plantedWord}_secret`,
  personalApiKey: `phx_${plantedWord}_personal`,
  password: `${plantedWord}-password`,
  distinctId: `${plantedWord}-person`,
  /** Of a property of a person or a group, or of a filter for one. */
  value: `${plantedWord}-value`,
  cookie: `${plantedWord}-cookie`,
} as const;
