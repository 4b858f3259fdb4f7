/** Stands in for Lambda's own: gives the handler one event after the other, and passes its answers on. */
import type { CheckoutEvent } from '../handler.js';

const { handler } = await import('../handler.js');

process.on('message', (event: CheckoutEvent) => {
  void handler(event).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
