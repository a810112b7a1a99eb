import type { Json } from './scripted-servers.ts';
import type { CallStep, ServerName, Via } from './steps.ts';

/** What a question of this method has to have. */
export const QUESTIONS: Readonly<Record<string, Json>> = {
  'elicitation/create': { mode: 'form', requestedSchema: { type: 'object', properties: {} } },
  'sampling/createMessage': { messages: [], maxTokens: 1 },
};

/** A request that says these words to a server. */
export function paramsOf(via: Via, server: ServerName, words: string): Json {
  switch (via) {
    case 'tools/call':
      return { name: `${server}__act`, arguments: { words } };
    case 'resources/read':
      return { uri: `${server}://${words.replaceAll(' ', '/')}` };
    case 'prompts/get':
      return { name: `${server}__act`, arguments: { words } };
    default:
      return { ref: { type: 'ref/prompt', name: `${server}__act` }, argument: { name: 'words', value: words } };
  }
}

/** A result that says these words, each in a part of its own where there are two. */
export function resultOf(via: Via, server: ServerName, markers: readonly string[]): Json {
  const [first = ''] = markers;
  switch (via) {
    case 'tools/call': {
      const text = markers.length === 2 ? JSON.stringify(markers) : first;
      return { content: [{ type: 'text', text }] };
    }
    case 'resources/read':
      return { contents: [{ uri: `${server}://x`, text: first }] };
    case 'prompts/get':
      return { messages: [{ role: 'user', content: { type: 'text', text: first } }] };
    default:
      return { completion: { values: [first] } };
  }
}

/** Answers to tools alone have parts. */
export function itemsIn({ via, items }: CallStep): string | undefined {
  return via === 'tools/call' ? items : undefined;
}
