import type { Call } from './api.ts';
import type { EndedCalls } from './ended-calls.ts';
import type { Ring } from './ring.ts';
import { toCall } from './seen-call.ts';

/** The calls that have ended, as they are told. */
export function toldCalls(ended: EndedCalls, boot: string): Pick<Ring<Call>, 'first' | 'last' | 'at'> {
  return {
    get first() {
      return ended.first;
    },
    get last() {
      return ended.last;
    },
    at(number) {
      const seen = ended.at(number);
      return seen && toCall(seen, boot);
    },
  };
}
