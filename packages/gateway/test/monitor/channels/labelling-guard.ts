import { guardGuest } from '@lockgate/testkit';
import type { Labels, Operation, Policy } from './model.ts';

const ALL_LABELS: readonly Labels[] = [[], ['s'], ['t'], ['s', 't']].flatMap((secrecy) =>
  [[], ['i']].map((integrity) => ({ secrecy, integrity })),
);
const ITEMS: Readonly<Record<string, Labels | null>> = {
  n: null,
  e: { secrecy: [], integrity: [] },
  s: { secrecy: ['s'], integrity: [] },
  t: { secrecy: ['t'], integrity: ['i'] },
};

const wordOf = ({ secrecy, integrity }: Labels): string => `${secrecy.join('')}.${integrity.join('')}`;

/** A word in arguments from which the guard reads what they are about. */
export const resourceToken = (labels: Labels, operation: Operation): string => `~r${wordOf(labels)}.${operation}~`;
/** A word from which it reads the labels of the two items of the answer. */
export const itemsToken = (items: string): string => `~i${items}~`;
/** A word in a policy from which it reads what it grants. */
export const policyToken = ({ mode, grant }: Policy): string => `~g${wordOf(grant)}.${mode}~`;

/** The labels of an answer's items, as the guard gives them. */
export const itemLabels = (items: string): readonly (Labels | null)[] => [...items].map((item) => ITEMS[item] ?? null);

/** What the guard says of a log message that belongs to no call; of every other such frame it says nothing. */
export const OF_STRAY_LOGS: Labels = { secrecy: ['s'], integrity: [] };

/** A real guard that reads labels from words in what it is asked, and gives no answer where there are none. */
export function labellingGuard(): Uint8Array {
  const about = (resource: Labels, operation: Operation) => ({ resource: { description: '', ...resource }, operation });
  const operations = ['read', 'write', 'read-write'] as const;
  const modes = ['strict', 'filter', 'propagate'] as const;
  return guardGuest({
    answers: { label_resource: 'no answer', label_agent: 'no answer' },
    rules: {
      label_agent: ALL_LABELS.flatMap((grant) =>
        modes.map((mode) => ({ contains: policyToken({ mode, grant }), answer: { agent: grant, difc_mode: mode } })),
      ),
      label_resource: [
        ...ALL_LABELS.flatMap((labels) =>
          operations.map((operation) => ({
            contains: resourceToken(labels, operation),
            answer: about(labels, operation),
          })),
        ),
        { contains: '"tool_name":"notifications/message"', answer: about(OF_STRAY_LOGS, 'read') },
      ],
      label_response: Object.keys(ITEMS).flatMap((one) =>
        Object.keys(ITEMS).map((other) => ({
          contains: itemsToken(one + other),
          answer: {
            items_path: '',
            labeled_paths: itemLabels(one + other).flatMap((labels, at) =>
              labels ? [{ path: `/${at}`, labels }] : [],
            ),
          },
        })),
      ),
    },
  });
}
