import type { ExecuteOptions } from '@lockgate/runtime';
import { NEVER } from './back-end.ts';
import type { Draw } from './draw.ts';
import { type Guests, isRefused, type PluginName, PRIVATE } from './guests.ts';

const BIGGEST_BYTES = 400_000;
const ABOVE_MESSAGE_LIMIT = 'x'.repeat(3 * 1_048_576);
/** Of the small guest's 1 MiB: more than is left for an answer beside the question, and more than there is at all. */
const NO_ROOM_TO_ANSWER = 'x'.repeat(600_000);
const NO_ROOM_TO_ASK = 'x'.repeat(1_200_000);

const CALLS_PER_LOOP = 16;

/** What `fail` answers, in the words of its kind. */
const failed = {
  extism: (call: number): CallEnd => ({ answer: { data: `${call}`, isError: true } }),
  component: (call: number): CallEnd => {
    const result = { err: `${call}` };
    const structured = { result };
    const structuredText = JSON.stringify(structured);
    return { answer: { data: JSON.stringify(result), isError: true, structured, structuredText } };
  },
};

/** What a call must give: an answer, or an error with this code. */
export type CallEnd = { readonly answer: unknown } | { readonly code: string };

/** One kind of call among those that are mixed. */
export interface CallKind {
  readonly name: string;
  /** How many of it are made, in relation to the others. */
  readonly share: number;
  /** Makes the call. Undefined where its guest cannot run here. */
  call(guests: Guests, call: number, options: ExecuteOptions): Promise<unknown> | undefined;
  mustGive(call: number): CallEnd;
}

/** Every kind of call. */
export function callKinds(draw: Draw): readonly CallKind[] {
  const bigText = (call: number) => `${call}-`.padEnd(Math.ceil(draw(call, 'size') * BIGGEST_BYTES), 'big result ');
  return [
    echo('steady', 400),
    echo('steady', 40, 'big', bigText),
    {
      ...plugin('steady', 40, 'unknown tool', (call) => ({ tool: 'nothing', message: `${call}` })),
      mustGive: () => ({ answer: { data: 'no such tool', isError: true } }),
    },
    failing('steady', 2, 'too large', 'ABI_MESSAGE_TOO_LARGE', () => ({ tool: 'echo', message: ABOVE_MESSAGE_LIMIT })),
    echo('waiting', 250, 'waiting', String, 'fetch-then-echo'),
    failing('stuck', 1, 'never answered', 'RUNTIME_CALL_TIMEOUT', (call) => ({
      tool: 'fetch-then-echo',
      message: `${NEVER}${call}`,
    })),
    echo('stuck', 4),
    failing('looping', 1, 'looping', 'RUNTIME_CALL_TIMEOUT', misbehave),
    echo('looping', 4),
    failing('trapping', 10, 'trapping', 'RUNTIME_GUEST_TRAP', misbehave),
    echo('trapping', 40),
    failing('recursing', 4, 'recursing', 'RUNTIME_GUEST_TRAP', misbehave),
    echo('recursing', 16),
    failing('exiting', 4, 'exiting', 'RUNTIME_GUEST_TRAP', misbehave),
    echo('exiting', 16),
    failing('lying', 4, 'lying', 'RUNTIME_BAD_MESSAGE', misbehave),
    echo('lying', 16),
    failing('small', 4, 'no room to ask', 'ABI_OUT_OF_MEMORY', () => ({ tool: 'echo', message: NO_ROOM_TO_ASK })),
    failing('small', 4, 'no room to answer', 'RUNTIME_GUEST_TRAP', () => ({
      tool: 'echo',
      message: NO_ROOM_TO_ANSWER,
    })),
    echo('small', 32),
    echo('greedy', 10, 'greedy', String, 'misbehave'),
    echo('leaky', 20, 'leaking'),
    chatty(20),
    {
      name: 'versioned',
      share: 60,
      call: ({ versions }, call, options) => versions.call(`${call}`, options),
      mustGive: (call) => ({ answer: { data: `${call}`, isError: false } }),
    },
    {
      ...{ name: 'extism, echo', share: 60 },
      call: ({ extism: on }, call, options) => on?.call(bigText(call), options),
      mustGive: (call) => ({ answer: { data: bigText(call), isError: false } }),
    },
    extism('fail', 10, failed.extism),
    extism('trap', 5, () => ({ code: 'RUNTIME_GUEST_TRAP' })),
    extism('bomb', 2, () => ({ code: 'RUNTIME_GUEST_TRAP' })),
    extism('huge', 3, () => ({ code: 'RUNTIME_BAD_MESSAGE' })),
    extism('lost', 5, () => ({
      answer: { data: '"lost" failed: its output of 4 bytes lies outside of Extism\'s memory', isError: true },
    })),
    extism('ask', 30, (call) => ({
      answer: isRefused(call)
        ? { data: `the function "ask" of the host failed: refused ${call}`, isError: true }
        : { data: `asked ${call}`, isError: false },
    })),
    looping('extism'),
    {
      ...{ name: 'component, echo', share: 60 },
      call: ({ component: on }, call, options) => on.call(bigText(call), options),
      mustGive: (call) => ({ answer: { data: bigText(call), isError: false } }),
    },
    component('fail', 10, failed.component),
    component('trap', 5, () => ({ code: 'RUNTIME_GUEST_TRAP' })),
    component('bomb', 2, () => ({ code: 'RUNTIME_GUEST_TRAP' })),
    component('huge', 3, () => ({ code: 'RUNTIME_BAD_MESSAGE' })),
    component('host', 5, () => ({ code: 'RUNTIME_GUEST_TRAP' })),
    looping('component'),
    guard('plain', 30),
    guard('asking', 30),
  ];
}

interface ToolCall {
  readonly tool: string;
  readonly message: string;
}

function misbehave(call: number): ToolCall {
  return { tool: 'misbehave', message: `${call}` };
}

function plugin(
  on: PluginName,
  share: number,
  name: string,
  make: (call: number) => ToolCall,
): Omit<CallKind, 'mustGive'> {
  return {
    ...{ name, share },
    call: ({ plugins: { [on]: handle } }, call, options) => {
      const { tool, message } = make(call);
      return handle?.execute(tool, { message }, options);
    },
  };
}

function echo(
  on: PluginName,
  share: number,
  name = `${on}, echo`,
  text: (call: number) => string = String,
  tool = 'echo',
): CallKind {
  return {
    ...plugin(on, share, name, (call) => ({ tool, message: text(call) })),
    mustGive: (call) => ({ answer: { data: text(call), isError: false } }),
  };
}

function failing(
  on: PluginName,
  share: number,
  name: string,
  code: string,
  make: (call: number) => ToolCall,
): CallKind {
  return { ...plugin(on, share, name, make), mustGive: () => ({ code }) };
}

function extism(tool: string, share: number, mustGive: CallKind['mustGive']): CallKind {
  return {
    ...{ name: `extism, ${tool}`, share, mustGive },
    call: ({ extism: on }, call, options) => on?.execute(tool, `${call}`, options),
  };
}

function component(tool: string, share: number, mustGive: CallKind['mustGive']): CallKind {
  return {
    ...{ name: `component, ${tool}`, share, mustGive },
    call: ({ component: on }, call, options) => on.execute(tool, `${call}`, options),
  };
}

/** Where it can be ended, some of these compute for ever: each of them takes a guest for as long as its deadline. */
function looping(kind: 'extism' | 'component'): CallKind {
  const isLooping = (call: number) => call % CALLS_PER_LOOP === 0;
  return {
    ...{ name: `${kind}, spin`, share: 1 },
    call: (guests, call, options) => {
      if (!guests.canEndLoops) return undefined;
      return guests[kind]?.execute(isLooping(call) ? 'spin' : 'fail', `${call}`, options);
    },
    mustGive: (call) => (isLooping(call) ? { code: 'RUNTIME_CALL_TIMEOUT' } : failed[kind](call)),
  };
}

function chatty(share: number): CallKind {
  return {
    ...{ name: 'chatty', share },
    call: async ({ plugins, log }, call, options) => {
      const answer = await plugins.chatty?.execute('misbehave', { message: `${call}` }, options);
      return log.hasSeen(`${call}`) ? answer : 'an answer before all of its lines';
    },
    mustGive: (call) => ({ answer: { data: `${call}`, isError: false } }),
  };
}

function guard(which: 'plain' | 'asking', share: number): CallKind {
  const isPrivate = (call: number) => call % 2 === 0;
  const unlabelled = { resource: { description: 'anything', secrecy: [], integrity: [] }, operation: 'read' };
  return {
    ...{ name: `guard, ${which}`, share },
    call: ({ guards }, call, options) =>
      guards?.[which].labelResource({ tool: 'read', args: { path: isPrivate(call) ? 'private' : 'open' } }, options),
    mustGive: (call) => ({ answer: isPrivate(call) ? PRIVATE : unlabelled }),
  };
}
