import { WASI_FILE_CONTRACT } from './wasi-file-contract.ts';
import { WASI_HTTP_CONTRACT } from './wasi-http-contract.ts';
import { KEY_VALUE_PACKAGE, WASI_KEY_VALUE_CONTRACT } from './wasi-key-value-contract.ts';

/** The functions of an interface, and the types of each as `formatSignature` writes them. */
type InterfaceContract = Readonly<Record<string, string>>;

const STREAM_ERROR = 'variant{last-operation-failed(error), closed}';
const DATETIME = 'record{seconds: u64, nanoseconds: u32}';

/** WASI 0.2 as a host supplies it to components, by interface. Versions differ in nothing that matters here. */
const CONTRACT: Readonly<Record<string, InterfaceContract>> = {
  'wasi:io/error': {
    '[method]error.to-debug-string': '(borrow<error>) -> string',
  },
  'wasi:io/poll': {
    '[method]pollable.ready': '(borrow<pollable>) -> bool',
    '[method]pollable.block': '(borrow<pollable>)',
    poll: '(list<borrow<pollable>>) -> list<u32>',
  },
  'wasi:io/streams': {
    '[method]input-stream.read': `(borrow<input-stream>, u64) -> result<list<u8>, ${STREAM_ERROR}>`,
    '[method]input-stream.blocking-read': `(borrow<input-stream>, u64) -> result<list<u8>, ${STREAM_ERROR}>`,
    '[method]input-stream.skip': `(borrow<input-stream>, u64) -> result<u64, ${STREAM_ERROR}>`,
    '[method]input-stream.blocking-skip': `(borrow<input-stream>, u64) -> result<u64, ${STREAM_ERROR}>`,
    '[method]input-stream.subscribe': '(borrow<input-stream>) -> pollable',
    '[method]output-stream.check-write': `(borrow<output-stream>) -> result<u64, ${STREAM_ERROR}>`,
    '[method]output-stream.write': `(borrow<output-stream>, list<u8>) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.blocking-write-and-flush': `(borrow<output-stream>, list<u8>) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.flush': `(borrow<output-stream>) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.blocking-flush': `(borrow<output-stream>) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.subscribe': '(borrow<output-stream>) -> pollable',
    '[method]output-stream.write-zeroes': `(borrow<output-stream>, u64) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.blocking-write-zeroes-and-flush': `(borrow<output-stream>, u64) -> result<_, ${STREAM_ERROR}>`,
    '[method]output-stream.splice': `(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, ${STREAM_ERROR}>`,
    '[method]output-stream.blocking-splice': `(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, ${STREAM_ERROR}>`,
  },
  'wasi:clocks/monotonic-clock': {
    now: '() -> u64',
    resolution: '() -> u64',
    'subscribe-instant': '(u64) -> pollable',
    'subscribe-duration': '(u64) -> pollable',
  },
  'wasi:clocks/wall-clock': {
    now: `() -> ${DATETIME}`,
    resolution: `() -> ${DATETIME}`,
  },
  'wasi:random/random': {
    'get-random-bytes': '(u64) -> list<u8>',
    'get-random-u64': '() -> u64',
  },
  'wasi:random/insecure': {
    'get-insecure-random-bytes': '(u64) -> list<u8>',
    'get-insecure-random-u64': '() -> u64',
  },
  'wasi:random/insecure-seed': {
    'insecure-seed': '() -> tuple<u64, u64>',
  },
  'wasi:cli/environment': {
    'get-environment': '() -> list<tuple<string, string>>',
    'get-arguments': '() -> list<string>',
    'initial-cwd': '() -> option<string>',
  },
  'wasi:cli/exit': {
    exit: '(result)',
    'exit-with-code': '(u8)',
  },
  'wasi:cli/stdin': {
    'get-stdin': '() -> input-stream',
  },
  'wasi:cli/stdout': {
    'get-stdout': '() -> output-stream',
  },
  'wasi:cli/stderr': {
    'get-stderr': '() -> output-stream',
  },
  'wasi:cli/terminal-stdin': {
    'get-terminal-stdin': '() -> option<terminal-input>',
  },
  'wasi:cli/terminal-stdout': {
    'get-terminal-stdout': '() -> option<terminal-output>',
  },
  'wasi:cli/terminal-stderr': {
    'get-terminal-stderr': '() -> option<terminal-output>',
  },
  'wasi:cli/terminal-input': {},
  'wasi:cli/terminal-output': {},
  'wasi:config/store': {
    get: '(string) -> result<option<string>, variant{upstream(string), io(string)}>',
    'get-all': '() -> result<list<tuple<string, string>>, variant{upstream(string), io(string)}>',
  },
  ...WASI_FILE_CONTRACT,
  ...WASI_HTTP_CONTRACT,
  ...WASI_KEY_VALUE_CONTRACT,
};

/** What lets its caller wait: for a clock, or for an answer over HTTP. */
const WAITING: ReadonlySet<string> = new Set([
  'wasi:io/poll#[method]pollable.block',
  'wasi:io/poll#[method]pollable.ready',
  'wasi:io/poll#poll',
  'wasi:http/types#[method]future-incoming-response.get',
]);

/** Components may import sockets, but not make any: what is made has a type, and what it takes does not matter. */
const REFUSED_PACKAGE = 'wasi:sockets/';

/** The name of an interface, of which many versions are the same to a host. */
function withoutVersion(interfaceName: string): string {
  const at = interfaceName.indexOf('@');
  return at < 0 ? interfaceName : interfaceName.slice(0, at);
}

/** Whether a function makes its caller wait. */
export function waitsOutside(interfaceName: string, name: string): boolean {
  return WAITING.has(`${withoutVersion(interfaceName)}#${name}`);
}

/** Why no host supplies a function to a component, in plain words; undefined where one does. Some are for whole servers alone. */
export function wasiProblem(
  interfaceName: string,
  { name, signature, isServer }: { readonly name: string; readonly signature: string; readonly isServer: boolean },
): string | undefined {
  const plain = withoutVersion(interfaceName);
  if (plain.startsWith(REFUSED_PACKAGE)) return undefined;
  if (plain.startsWith(KEY_VALUE_PACKAGE) && !isServer)
    return 'for whole servers alone: of a tool, nothing outlives a call';
  const contract = Object.hasOwn(CONTRACT, plain) ? CONTRACT[plain] : undefined;
  if (contract === undefined)
    return plain.startsWith('wasi:')
      ? 'not among the interfaces of WASI that a host supplies'
      : 'a host supplies WASI 0.2 only';
  const expected = Object.hasOwn(contract, name) ? contract[name] : undefined;
  if (expected === undefined) return `not among the functions of ${plain}`;
  return expected === signature ? undefined : `must be ${expected}, found ${signature}`;
}
