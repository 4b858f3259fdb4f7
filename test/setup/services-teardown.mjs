/** Runs once after the suite: stops what `services.mjs` started. What was found stays for the reporters. */
import { stopServices } from './services.mjs';

export default async function stopAll() {
  await Promise.all(stopServices.splice(0).map((stop) => stop()));
}
