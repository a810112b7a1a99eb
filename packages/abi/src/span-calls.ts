import type { ConnectionSetup, GuestCall } from './dialect.ts';
import { type ExchangeGuest, exchange, exchangeAsync, exchangeInto } from './exchange.ts';

type SpanExport = (input: bigint) => bigint;

const asIs = (answer: string): string => answer;

/** Calls of exports that take the span of a message, or nothing, and answer with one. */
export function spanCalls(
  guest: ExchangeGuest,
  exports: WebAssembly.Exports,
  { promising, answerRoom }: Pick<ConnectionSetup, 'promising' | 'answerRoom'>,
): GuestCall {
  const exported = exports as unknown as Readonly<Record<string, SpanExport>>;
  if (promising) {
    const promised = new Map<string, (input: bigint) => Promise<bigint>>();
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'function') promised.set(name, promising(value));
    return (exportName, input) =>
      exchangeAsync(guest, promised.get(exportName) as (input: bigint) => Promise<bigint>, input, asIs);
  }
  if (answerRoom) {
    return (exportName, input) => exchangeInto(guest, exported[exportName] as SpanExport, input, answerRoom);
  }
  return (exportName, input) => exchange(guest, exported[exportName] as SpanExport, input, asIs);
}
