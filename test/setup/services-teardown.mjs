/** Runs once after the suite: stops what `services.mjs` started. */
import { stopServices } from './services.mjs';

export default async function stopAll() {
  await Promise.all(stopServices.splice(0).map((stop) => stop()));
}
