import type { Capability, HostCapabilities, HostFunction } from './capabilities/host.ts';
import type { Suspension } from './component/canonical-functions.ts';
import type { ComponentHost } from './component/component-host.ts';
import type { CompiledComponent } from './component/link-component.ts';
import type { GuardCodec } from './roles/guard.ts';
import type { ExportedTool, PluginCodec } from './roles/plugin.ts';
import type { ExternKind } from './wasm/declarations.ts';

/** An import as a module asks for it. */
export interface AskedImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Of functions, as `(i32, i32) -> i64`. */
  readonly signature?: string;
}

/** An export as a module gives it. */
export interface ExportReport {
  readonly name: string;
  readonly kind: ExternKind;
  /** Of functions, as `(i32, i32) -> i64`. */
  readonly signature?: string;
}

/** What of a module is seen from outside, before anything of it runs. */
export interface ModuleOutline {
  readonly imports: readonly AskedImport[];
  readonly exports: readonly ExportReport[];
}

/** A function that guests of a dialect export. */
export interface ExportRule {
  /** The names it is looked for under; the first found counts. */
  readonly names: readonly string[];
  readonly signature: string;
  /** It may be left out; where it is there, its type counts. @default false */
  readonly optional?: boolean;
}

/** A function that guests of a dialect may import. */
export interface ImportRule {
  readonly module: string;
  readonly name: string;
  readonly signature: string;
  /** What of the host it gives access to. */
  readonly capability: Capability;
}

/** A module from which guests import functions under names of their own: whoever loads a guest gives them. */
export interface GivenModule {
  readonly module: string;
  readonly accepts: (signature: string) => boolean;
  /** Which signatures those are, in words. */
  readonly form: string;
}

/** What one call came to: a text, the length in bytes of a text that was put into `answerRoom`, or a number. */
export type GuestAnswer = string | number;

/** One call of a guest, from its input to its answer. What the guest throws comes through as it is. */
export type GuestCall = (
  exportName: string,
  input: string | Uint8Array | undefined,
) => GuestAnswer | Promise<GuestAnswer>;

/** What a connection to one guest is made of. */
export interface ConnectionSetup {
  readonly host: HostCapabilities;
  /** Longest message in either direction, in bytes. */
  readonly maxMessageBytes: number;
  /** Makes an export answer with a promise; given where an import may suspend the guest, and then to be used for all calls. */
  readonly promising?: <A extends unknown[], R>(exported: (...args: A) => R) => (...args: A) => Promise<R>;
  /** Where the bytes of a text answer go, if the dialect can answer with bytes; without it answers are texts. */
  readonly answerRoom?: (byteLength: number) => Uint8Array;
  /** Told what whoever runs the guest should know of it, once for each instance; the sentence is constant. */
  readonly onWarning: (exportName: string, sentence: string) => void;
}

/** What a host keeps for one guest between two calls. */
export interface KeptByHost {
  /** As plain data, which crosses threads. */
  readonly take: () => unknown;
  /** @param kept - What {@link take} answered in another connection of the same dialect. */
  readonly give: (kept: never) => void;
}

/** A guest that a connection was bound to. */
export interface BoundGuest {
  /** All that the guest occupies: its linear memory, and what the host keeps for it. */
  readonly memory: {
    readonly byteLength: number;
    /** That of the guest's own, which its ceiling holds for. @default byteLength */
    readonly ownByteLength?: number;
  };
  /** Absent where what the guest leaks cannot be known. */
  readonly allocator?: { readonly leakedBytes: number };
  /** What the connection keeps for the guest from call to call: given to the connection in whose instance a parked guest goes on. */
  readonly kept?: KeptByHost;
  /** To be called once, before anything else; it answers with a promise where exports do. */
  readonly start?: () => void | Promise<void>;
  readonly call: GuestCall;
  /** To be called once an answer has been given: what prepares the next call. What it throws the next call throws. */
  readonly prepare?: () => void;
}

/** What a guest that is a component is made of. */
export interface ComponentSetup {
  readonly component: CompiledComponent;
  /** The host of one instance, with the settings that the guest was given. */
  readonly host: (settings: Readonly<Record<string, string>>) => ComponentHost;
  /** Longest message in either direction, in bytes. */
  readonly maxMessageBytes: number;
  /** Given where functions that wait suspend the guest. */
  readonly suspension?: Suspension | undefined;
}

/** The host's end of one guest. Its imports are made before the guest exists; then it is bound to the guest. */
export interface GuestConnection {
  /** Module → name → function, for everything in the dialect's {@link ImportRule}s. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** A function of the dialect's {@link GivenModule}, by its name. */
  readonly given?: (name: string) => HostFunction;
  /** @throws ABI_WRONG_SHAPE */
  bind(exports: WebAssembly.Exports): BoundGuest;
}

/** What all dialects say of themselves, whatever their guests are for. */
interface DialectContract {
  /** Stable and unique in a table. */
  readonly id: string;
  /** What people call such a module, after "a". */
  readonly title: string;
  /** The page that says how to write such a guest. */
  readonly guide: string;
  /**
   * How much a module looks like this dialect, from 0, not at all, to 1, and 2 where something in it leaves no doubt; the
   * largest wins, and of equals the first in the table. @default the share of {@link exports} that the module has by name
   */
  readonly recognise?: (outline: ModuleOutline) => number;
  /** Next to a 32-bit memory called `memory`. */
  readonly exports: readonly ExportRule[];
  /** Whether that memory must be there; where it is, it must be a 32-bit one. @default true */
  readonly needsMemory?: boolean;
  /** The exports that the host calls at the start, in that order. @default the first of those that set up WASI reactors and Go programs */
  readonly startNames?: (isFunction: (name: string) => boolean) => readonly string[];
  /** What of a module is of no use although it can be a guest, and what to do about it, in plain words. @default nothing */
  readonly notes?: (outline: ModuleOutline) => readonly string[];
  readonly allocator?: { readonly allocate: ExportRule; readonly free: ExportRule };
  readonly imports: readonly ImportRule[];
  /** Where guests import what whoever loads them gives; {@link imports} of the same module go before it. @default nowhere */
  readonly givenModule?: GivenModule;
  /** Why guests ask for an import that the host does not have, and what to do, in plain words; where that is known. */
  readonly explainImport?: (asked: AskedImport) => string | undefined;
  /** Whether guests may import WASI preview 1. @default false */
  readonly wasi?: boolean;
  /** Ceiling on linear memory where none is set, in bytes. */
  readonly memoryCeilingBytes: number;
  /** Bytes that an answer may have whatever `maxMessageBytes` says. @default 0 */
  readonly guaranteedAnswerBytes?: number;
  /** Whether the module is given its guest's name, for stack traces; each name is then compiled for itself. @default false */
  readonly namesModule?: boolean;
  /**
   * Whether the connection keeps nothing from call to call but what its allocator leaked and what `BoundGuest.kept` hands on,
   * so that with it memory, tables and globals are all there is of a guest: one that idles may then leave its thread and go on in another. @default false
   */
  readonly parks?: boolean;
  /**
   * Whether all that `BoundGuest.allocator` counts is what calls that failed may have left behind: instances with too much of it
   * are replaced as others are, and nobody is told that the guest does not free. @default false
   */
  readonly leaksByFailing?: boolean;
  /**
   * The URL of the file that exports this dialect, for worker threads, which cannot be sent functions. The built-in ones
   * need none; any other without it runs in the calling thread only.
   */
  readonly url?: string;
  readonly connect: (setup: ConnectionSetup) => GuestConnection;
  /** Of the dialect whose guests are components: makes one. Then nothing is ever connected. */
  readonly link?: (setup: ComponentSetup) => BoundGuest;
}

/** A way to write plugins. */
export interface PluginDialect extends DialectContract {
  readonly role: 'plugin';
  readonly codec: PluginCodec;
  /** Of a dialect whose guests do not say what their tools are: whoever loads them does. */
  readonly toldTools?: ToldTools;
}

/** The tools of guests that do not say what they are. */
export interface ToldTools {
  /** What keeps a module from having these tools, in plain words. */
  readonly problems: (tools: Readonly<Record<string, ExportedTool>>, outline: ModuleOutline) => readonly string[];
  /** The codec of a guest that has them; its operations have the names that they have in the dialect's own. */
  readonly codec: (tools: Readonly<Record<string, ExportedTool>>) => PluginCodec;
}

/** A way to write guards. */
export interface GuardDialect extends DialectContract {
  readonly role: 'guard';
  readonly codec: GuardCodec;
}

/**
 * One way in which guests and the host understand each other: how such a module is recognised, what it must export, what
 * it may import, and how questions and answers pass. Everything that differs between dialects is said here and nowhere
 * else.
 */
export type Dialect = PluginDialect | GuardDialect;
