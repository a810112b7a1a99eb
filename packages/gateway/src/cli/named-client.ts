import { didYouMean } from '../config/nearest.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** @throws CommandFailure when none of these clients has this id. */
export function namedClient<T extends string>(id: string, known: readonly T[]): T {
  const client = known.find((candidate) => candidate === id);
  if (client !== undefined) return client;
  throw new CommandFailure(
    `there is no client "${id}"${didYouMean(id, known)} (known: ${known.join(', ')})`,
    EXIT.usage,
  );
}
