import type { Exchange } from '../protocol/exchange.ts';
import type { Lease } from './lease.ts';

/** While the client is asked something, its request keeps no other waiting. */
export function underLease(exchange: Exchange, lease: Lease): Exchange {
  return {
    ...exchange,
    ask: async (message, cancellation, origin) => {
      const resume = lease.pause();
      try {
        return await exchange.ask(message, cancellation, origin);
      } finally {
        resume();
      }
    },
  };
}
