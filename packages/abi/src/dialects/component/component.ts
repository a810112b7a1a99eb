import type { ComponentHost } from '../../component/component-host.ts';
import { describeTools, toolsOf } from '../../component/component-tools.ts';
import { exportedFunction } from '../../component/exported-function.ts';
import { ArgumentError, recordOf } from '../../component/from-json.ts';
import { JsonRoom } from '../../component/json-room.ts';
import { type LinkedComponent, linkComponent } from '../../component/link-component.ts';
import { bytesOf } from '../../component/link-server.ts';
import { PassingLimitError } from '../../component/passing-limit.ts';
import { toJson } from '../../component/to-json.ts';
import type { FunctionType } from '../../component/value-type.ts';
import type { BoundGuest, ComponentSetup, GuestAnswer, PluginDialect } from '../../dialect.ts';
import { MessageTooLargeError, ModuleShapeError } from '../../errors.ts';
import { HELD_PER_BYTE, heldByJson } from '../../held-by-json.ts';
import { AnswerMark, decodeAnswer, decodeComponentTools, decodeQuestion, decodeSettings } from './messages.ts';

const noInput = (): undefined => undefined;

/** Components of WASI 0.2: each function that they export is a tool. Each call has an instance of its own. */
export const wasiComponent: PluginDialect = {
  id: 'component',
  title: 'component',
  role: 'plugin',
  guide: 'docs/components.md',
  recognise: () => 0, // a core module is none
  exports: [],
  imports: [],
  memoryCeilingBytes: 256 * 1024 * 1024,
  codec: {
    tools: { exportName: 'tools', encode: noInput, decode: decodeComponentTools },
    execute: {
      exportName: 'execute',
      encode: ({ tool, args }) => JSON.stringify({ tool, args }),
      decode: decodeAnswer,
    },
    configure: { exportName: 'configure', encode: JSON.stringify, decode: noInput },
  },
  connect: () => {
    throw new ModuleShapeError({ abi: 'plugin', missing: ['it is a core module, not a component'] });
  },
  link,
};

/** An instance with what it has of the host. */
interface Instance {
  readonly linked: LinkedComponent;
  readonly host: ComponentHost;
}

/** A function as it is called. */
interface Callable {
  readonly type: FunctionType;
  readonly find: (component: LinkedComponent) => (args: readonly unknown[]) => unknown;
}

function link(setup: ComponentSetup): BoundGuest {
  const { component, maxMessageBytes, suspension } = setup;
  const { tools } = toolsOf(component);
  const callables = new Map<string, Callable>(
    tools.map(({ tool, interfaceName, name, type }) => [
      tool,
      { type, find: (linked) => exportedFunction(linked, interfaceName, name) },
    ]),
  );
  let settings: Readonly<Record<string, string>> = {};
  const make = (): Instance => {
    const host = setup.host(settings);
    try {
      return { linked: linkComponent(component, { host, mostBytes: maxMessageBytes, suspension }), host };
    } catch (error) {
      host.close?.();
      throw error;
    }
  };
  let next: Instance | undefined = make();
  let latest = next;

  /** What one call leaves in an instance is not for the next one. */
  const take = (): Instance => {
    latest = next ?? make();
    next = undefined;
    return latest;
  };

  const execute = (text: string): GuestAnswer | Promise<GuestAnswer> => {
    const mostHeld = maxMessageBytes * HELD_PER_BYTE;
    const held = heldByJson(text, mostHeld);
    if (held > mostHeld)
      throw new MessageTooLargeError({
        direction: 'to guest',
        byteLength: held,
        limitBytes: mostHeld,
        measure: 'values',
      });
    const { tool, args } = decodeQuestion(text);
    const callable = callables.get(tool);
    if (callable === undefined) return `${AnswerMark.refusal}there is no tool "${tool}"`;
    let values: readonly unknown[];
    try {
      const record = recordOf(callable.type.params, args, '');
      values = callable.type.params.map(({ name }) => record[name]);
    } catch (error) {
      if (error instanceof ArgumentError) return `${AnswerMark.refusal}${error.message}`;
      throw error;
    }
    const { linked, host } = take();
    const encode = (value: unknown): string => encodeResult(callable.type, value, maxMessageBytes);
    let isWaiting = false;
    try {
      const answer = callable.find(linked)(values);
      if (!(answer instanceof Promise)) return encode(answer);
      isWaiting = true;
      return answer
        .then(encode)
        .catch(refuseTooMuch)
        .finally(() => host.close?.());
    } catch (error) {
      return refuseTooMuch(error);
    } finally {
      if (!isWaiting) host.close?.();
    }
  };

  const describe = (): string => {
    try {
      return describeTools(tools, component.docs, maxMessageBytes);
    } catch (error) {
      return refuseTooMuch(error);
    }
  };

  return {
    memory: {
      get byteLength() {
        return bytesOf(latest.linked.memories);
      },
    },
    prepare: () => {
      next ??= make();
    },
    call: (exportName, input) => {
      const text = typeof input === 'string' ? input : decodeText(input);
      if (exportName === 'execute') return execute(text);
      if (exportName === 'tools') return describe();
      settings = decodeSettings(text);
      next?.host.close?.();
      next = undefined;
      return '';
    },
  };
}

/** What passed was too much, which is not the guest's failure: the instance was for this call alone. @throws always */
function refuseTooMuch(error: unknown): never {
  throw error instanceof PassingLimitError ? new MessageTooLargeError(error.facts) : error;
}

/** An `err` is an answer like any other, but one that says that the call failed. */
function encodeResult({ result }: FunctionType, value: unknown, mostBytes: number): string {
  if (result === undefined) return `${AnswerMark.result}null`;
  const isError = result.kind === 'result' && (value as { readonly tag: string }).tag === 'err';
  return `${isError ? AnswerMark.error : AnswerMark.result}${JSON.stringify(toJson(result, value, new JsonRoom(mostBytes)))}`;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function decodeText(input: Uint8Array | undefined): string {
  if (input === undefined) return '';
  // Decoders refuse memory that other threads see.
  return decoder.decode(input.buffer instanceof ArrayBuffer ? input : input.slice());
}
