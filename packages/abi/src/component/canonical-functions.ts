import type { Codec } from './codec.ts';
import { codecOf } from './codec-of.ts';
import type { Crossing } from './crossing.ts';
import type { Loans, Resource } from './handles.ts';
import { type SequenceCodec, sequenceCodec } from './sequence-codec.ts';
import { type FunctionType, partsOf, type ResourceType, type ValueType } from './value-type.ts';

/** A function of a component, whoever has it: the host, or an instance. */
export interface ComponentFunction {
  readonly type: FunctionType;
  readonly call: (args: readonly unknown[]) => unknown;
  /** What the resources in its type are where it comes from. */
  readonly resources: ReadonlyMap<ResourceType, Resource>;
  /** It may answer with a promise, so that WebAssembly that calls it has to be suspended. */
  readonly waits: boolean;
}

/** How WebAssembly waits for a promise (JSPI), where it may. */
export interface Suspension {
  readonly suspending: (wait: (...args: unknown[]) => Promise<unknown>) => CoreFunction;
  readonly promising: (core: CoreFunction) => (...args: unknown[]) => Promise<unknown>;
}

export type CoreFunction = (...args: unknown[]) => unknown;

interface Signature {
  readonly params: SequenceCodec;
  readonly result: Codec | undefined;
  /** The result does not fit into one core value. */
  readonly returnsPointer: boolean;
  readonly hasBorrows: boolean;
}

const signatures = new WeakMap<FunctionType, Signature>();

function signatureOf(type: FunctionType): Signature {
  const known = signatures.get(type);
  if (known) return known;
  const result = type.result && codecOf(type.result);
  const signature = {
    params: sequenceCodec(type.params.map((param) => codecOf(param.type))),
    result,
    returnsPointer: result !== undefined && result.flat?.length !== 1,
    hasBorrows: type.params.some((param) => hasBorrow(param.type)),
  };
  signatures.set(type, signature);
  return signature;
}

function hasBorrow(type: ValueType): boolean {
  return type.kind === 'borrow' || partsOf(type).some(hasBorrow);
}

/** A function of core code as one of the component. Source: CanonicalABI.md, `canon lift` */
export function liftFunction(
  core: CoreFunction,
  type: FunctionType,
  crossing: Crossing,
  postReturn: CoreFunction | undefined,
  suspension: Suspension | undefined,
): ComponentFunction {
  const { params, result, returnsPointer, hasBorrows } = signatureOf(type);
  const { instance, store } = crossing;
  const enter = (args: readonly unknown[]): unknown[] => {
    if (store.dead) throw store.dead;
    if (!instance.mayEnter) crossing.trap('an instance was entered while a call was inside');
    instance.mayEnter = false;
    crossing.begin();
    if (hasBorrows) crossing.loans = { lent: [], open: 0 };
    const flat: unknown[] = [];
    if (params.flat) {
      params.lower(crossing, args, flat);
      return flat;
    }
    const pointer = crossing.allocate(params.size, params.align);
    params.store(crossing, args, pointer);
    return [pointer];
  };
  const leave = (returned: unknown): unknown => {
    if (store.dead) throw store.dead;
    crossing.begin();
    const value = result && answerOf(crossing, result, returnsPointer, returned);
    if (postReturn) {
      instance.mayLeave = false;
      postReturn(...(result ? [returned] : []));
      instance.mayLeave = true;
    }
    if (hasBorrows && crossing.loans.open > 0) crossing.trap('a borrowed handle was not dropped');
    if (store.dead) throw store.dead;
    instance.mayEnter = true;
    return value;
  };
  if (suspension) {
    const promised = suspension.promising(core);
    const call = async (args: readonly unknown[]): Promise<unknown> => {
      try {
        return leave(await promised(...enter(args)));
      } catch (error) {
        throw died(crossing, error);
      }
    };
    return { type, call, resources: instance.resources, waits: true };
  }
  const call = (args: readonly unknown[]): unknown => {
    try {
      return leave(core(...enter(args)));
    } catch (error) {
      throw died(crossing, error);
    }
  };
  return { type, call, resources: instance.resources, waits: false };
}

function answerOf(crossing: Crossing, result: Codec, returnsPointer: boolean, returned: unknown): unknown {
  if (!returnsPointer) return result.lift(crossing, { values: [returned], next: 0 });
  return result.load(crossing, crossing.range(crossing.int32(returned) >>> 0, result.size, result.align));
}

/** A function of the component, or of the host, as core code calls it. Source: CanonicalABI.md, `canon lower` */
export function lowerFunction(
  func: ComponentFunction,
  crossing: Crossing,
  suspension: Suspension | undefined,
): CoreFunction {
  const { params, result, returnsPointer, hasBorrows } = signatureOf(func.type);
  const { instance, store } = crossing;
  const enter = (args: readonly unknown[]): readonly unknown[] => {
    if (store.dead) throw store.dead;
    if (!instance.mayLeave) crossing.trap('a function was called while values were moved');
    crossing.begin();
    if (hasBorrows) crossing.loans = { lent: [], open: 0 };
    if (params.flat) return params.lift(crossing, { values: args, next: 0 }) as readonly unknown[];
    const pointer = crossing.range(crossing.int32(args[0]) >>> 0, params.size, params.align);
    return params.load(crossing, pointer) as readonly unknown[];
  };
  const leave = (value: unknown, args: readonly unknown[], loans: Loans): unknown => {
    if (hasBorrows) for (const handle of loans.lent) handle.lent -= 1;
    if (result === undefined) return undefined;
    crossing.begin();
    if (!returnsPointer) {
      const flat: unknown[] = [];
      result.lower(crossing, value, flat);
      return flat[0];
    }
    const at = crossing.range(crossing.int32(args[args.length - 1]) >>> 0, result.size, result.align);
    result.store(crossing, value, at);
    return undefined;
  };
  if (suspension && func.waits) {
    return suspension.suspending(async (...args) => {
      try {
        const values = enter(args);
        const { loans } = crossing;
        return leave(await func.call(values), args, loans);
      } catch (error) {
        throw died(crossing, error);
      }
    });
  }
  return (...args) => {
    try {
      const values = enter(args);
      const { loans } = crossing;
      return leave(func.call(values), args, loans);
    } catch (error) {
      throw died(crossing, error);
    }
  };
}

/** After an error nothing of the component runs again, whatever the guest makes of the exception. */
function died({ store }: Crossing, error: unknown): unknown {
  store.dead ??= error instanceof Error ? error : new WebAssembly.RuntimeError(String(error));
  return error;
}
