import type { HostFunction } from '../../capabilities/host.ts';
import { isCleanExit } from '../../capabilities/wasi.ts';
import type { BoundGuest, ConnectionSetup, GuestAnswer, GuestConnection } from '../../dialect.ts';
import { GuestOutOfMemoryError, MessageTooLargeError } from '../../errors.ts';
import { parseJson, readTextMap } from '../../json.ts';
import { ESCAPED, FAILURE } from './answer.ts';
import { mustFit } from './fitting-output.ts';
import { KERNEL_MODULE, kernelFunctions } from './functions.ts';
import { givenFunction } from './given-functions.ts';
import { HostRefusal } from './host-refusal.ts';
import { httpFunction } from './http.ts';
import { type KeptByKernel, Kernel } from './kernel.ts';
import { bindStart } from './start.ts';

/** Input and output, and what a guest keeps beside them. */
const ARENA_MESSAGES = 4;
const MOST_ARENA_BYTES = 2 ** 31;
/** What a call that was cut off in the guest may have left on its stack; counted as leaked. */
const UNWOUND_BYTES = 256 * 1024;
const DEAD_HANDLE = 'the guest used a handle that holds nothing; it was given nothing for it';
const UNREACHABLE = /unreachable/i;

const encoder = new TextEncoder();
// A byte order mark is part of what was said.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

type Exported = () => unknown;

/** What a guest is given. */
export type Input = string | Uint8Array;

/** An export and its input, or what is answered without the guest. */
export type Route = { readonly exportName: string; readonly input: Input } | { readonly answer: string };

/** What differs between the kinds of guests that speak with Extism's kernel. */
export interface ExtismKind {
  /** The functions of the embedder: module → name → function. */
  readonly hostFunctions?: (kernel: Kernel) => Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** Whether its outputs are JSON that is parsed, so that what the values take of the host's memory counts too. @default false */
  readonly putsOutJson?: boolean;
  /** What a name under which the guest is called stands for. @default the export of that name, with all of the input */
  readonly route?: (name: string, input: Input) => Route;
  /** Functions that a guest may lack: it then puts nothing out. @default none */
  readonly optional?: ReadonlySet<string>;
  /** Functions that count as missing where the guest lacks another. @default none */
  readonly partners?: Readonly<Record<string, string>>;
}

/**
 * The host's end of a guest of Extism. Under `configure` it takes the settings; every other name is a call, whose answer
 * is its output, or begins with {@link FAILURE}. Source: EXTISM.md §1.5.
 */
export function connectExtism(setup: ConnectionSetup, kind: ExtismKind = {}): GuestConnection {
  const call = new ExtismCalls(setup, kind);
  const { kernel } = call;
  return {
    imports: {
      [KERNEL_MODULE]: kernelFunctions(kernel, httpFunction(kernel, setup.host.http)),
      ...kind.hostFunctions?.(kernel),
    },
    given: (name) => givenFunction(kernel, name, setup.host.functions),
    bind: (exports) => call.bind(exports),
  };
}

class ExtismCalls {
  readonly kernel: Kernel;
  readonly #setup: ConnectionSetup;
  readonly #kind: ExtismKind;
  readonly #callable = new Map<string, Exported>();
  #exports: WebAssembly.Exports = {};
  #exportName = '';
  #saidDeadHandle = false;
  #leakedBytes = 0;

  constructor(setup: ConnectionSetup, kind: ExtismKind) {
    this.#setup = setup;
    this.#kind = kind;
    const ceilingBytes = Math.min(ARENA_MESSAGES * setup.maxMessageBytes, MOST_ARENA_BYTES);
    this.kernel = new Kernel(ceilingBytes, {
      log: setup.host.log,
      maxMessageBytes: setup.maxMessageBytes,
      onDeadHandle: () => this.#onDeadHandle(),
    });
  }

  bind(exports: WebAssembly.Exports): BoundGuest {
    this.#exports = exports;
    const { memory } = exports;
    const own = memory instanceof WebAssembly.Memory ? memory : undefined;
    const { arena } = this.kernel;
    const ownByteLength = (): number => own?.buffer.byteLength ?? 0;
    const leakedBytes = (): number => this.#leakedBytes;
    return {
      memory: {
        get byteLength() {
          return ownByteLength() + arena.byteLength;
        },
        get ownByteLength() {
          return ownByteLength();
        },
      },
      allocator: {
        get leakedBytes() {
          return leakedBytes();
        },
      },
      kept: {
        take: () => this.kernel.kept,
        give: (kept: KeptByKernel) => {
          this.kernel.kept = kept;
        },
      },
      ...bindStart(exports, this.#setup.promising),
      call: (name, input) => this.#call(name, input ?? ''),
    };
  }

  #call(name: string, given: Input): GuestAnswer | Promise<GuestAnswer> {
    const { promising, maxMessageBytes: limitBytes } = this.#setup;
    if (name === 'configure') return this.#configure(given);
    const route = this.#kind.route?.(name, given) ?? { exportName: name, input: given };
    if ('answer' in route) return this.#give(route.answer);
    const { exportName, input } = route;
    this.#exportName = exportName;
    const exported = this.#find(exportName);
    if (exported === undefined)
      return this.#give(this.#kind.optional?.has(exportName) ? '' : `${FAILURE}there is no function "${exportName}"`);
    const byteLength = this.kernel.begin(input);
    if (byteLength > limitBytes) throw new MessageTooLargeError({ direction: 'to guest', byteLength, limitBytes });
    if (this.kernel.inputLength !== byteLength)
      throw new GuestOutOfMemoryError({ byteLength, allocator: 'arena of the host' });
    if (promising) {
      return (exported as () => Promise<unknown>)().then(
        (code) => this.#settle(code),
        (error: unknown) => this.#settleThrown(error),
      );
    }
    let code: unknown;
    try {
      code = exported();
    } catch (error) {
      return this.#settleThrown(error);
    }
    return this.#settle(code);
  }

  #configure(input: Input): GuestAnswer {
    const place = { exportName: 'configure', field: '' };
    // Decoders may refuse bytes that two threads see.
    const text = typeof input === 'string' ? input : decoder.decode(input.slice());
    this.kernel.settings = readTextMap(parseJson(text, place.exportName), place);
    return this.#give('');
  }

  #find(name: string): Exported | undefined {
    const known = this.#callable.get(name);
    if (known !== undefined) return known;
    const exported = Object.hasOwn(this.#exports, name) ? this.#exports[name] : undefined;
    const partner = this.#kind.partners?.[name];
    if (typeof exported !== 'function' || (partner !== undefined && this.#find(partner) === undefined))
      return undefined;
    const { promising } = this.#setup;
    const callable = promising ? promising(exported as Exported) : (exported as Exported);
    this.#callable.set(name, callable);
    return callable;
  }

  #settle(code: unknown): GuestAnswer {
    const { error } = this.kernel;
    if (error !== undefined) return this.#fail(error);
    if (code === undefined || code === 0) {
      const lost = this.kernel.lostOutput;
      return lost === undefined
        ? this.#putOut(this.kernel.output)
        : this.#give(`${FAILURE}"${this.#exportName}" failed: ${lost}`);
    }
    return this.#give(`${FAILURE}"${this.#exportName}" ended with code ${String(code)}`);
  }

  /**
   * A guest that says what went wrong and then ends itself is one whose language has no other way, as AssemblyScript, and
   * lives on: so does one to which the host refused something. All others have trapped.
   */
  #settleThrown(thrown: unknown): GuestAnswer {
    const { error } = this.kernel;
    if (isCleanExit(thrown)) return this.#settle(0);
    const isAbort = thrown instanceof WebAssembly.RuntimeError && UNREACHABLE.test(thrown.message);
    const refusal = thrown instanceof HostRefusal ? thrown.message : isAbort ? this.kernel.refusedRoom : undefined;
    if (refusal !== undefined || (isAbort && error !== undefined)) {
      this.#leakedBytes += UNWOUND_BYTES;
      return error === undefined ? this.#give(`${FAILURE}${refusal}`) : this.#fail(error);
    }
    if (error !== undefined) this.kernel.log('error', this.kernel.errorHandle);
    throw thrown;
  }

  #fail(error: Uint8Array): GuestAnswer {
    mustFit(error, { limitBytes: this.#setup.maxMessageBytes, isJson: false });
    return this.#give(FAILURE + decoder.decode(error));
  }

  /** The bytes of a view on the arena, copied once. */
  #putOut(output: Uint8Array): GuestAnswer {
    const { maxMessageBytes: limitBytes, answerRoom } = this.#setup;
    const byteLength = output.length;
    mustFit(output, { limitBytes, isJson: this.#kind.putsOutJson === true });
    if (output[0] === 0) return this.#give(ESCAPED + decoder.decode(output));
    if (answerRoom === undefined) return decoder.decode(output);
    if (byteLength > 0) answerRoom(byteLength).set(output);
    return byteLength;
  }

  #give(text: string): GuestAnswer {
    const { answerRoom } = this.#setup;
    if (answerRoom === undefined || text === '') return answerRoom === undefined ? text : 0;
    const bytes = encoder.encode(text);
    answerRoom(bytes.length).set(bytes);
    return bytes.length;
  }

  #onDeadHandle(): void {
    if (this.#saidDeadHandle) return;
    this.#saidDeadHandle = true;
    this.#setup.onWarning(this.#exportName, DEAD_HANDLE);
  }
}
