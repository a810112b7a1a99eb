import type { Codec } from './codec.ts';
import { listCodec } from './list-codec.ts';
import { flagsCodec, NUMBER_CODECS } from './number-codecs.ts';
import { sequenceCodec } from './sequence-codec.ts';
import { textCodec } from './text-codec.ts';
import type { ResourceType, ValueType } from './value-type.ts';
import { type VariantForm, variantCodec } from './variant-codec.ts';

/** A variant, a result, or an option of an option. */
interface Tagged {
  readonly tag: string;
  readonly val?: unknown;
}

/** An object with a tag and a value, here and in JSON. */
const HELD_BYTES_OF_TAGGED = 112;

const made = new WeakMap<ValueType, Codec>();

/** How values of a type cross; made once for each type. */
export function codecOf(type: ValueType): Codec {
  const known = made.get(type);
  if (known) return known;
  const codec = makeCodec(type);
  made.set(type, codec);
  return codec;
}

function makeCodec(type: ValueType): Codec {
  switch (type.kind) {
    case 'string':
      return textCodec;
    case 'list':
      return listCodec(codecOf(type.element), type.element.kind === 'u8');
    case 'record':
      return sequenceCodec(
        type.fields.map((field) => codecOf(field.type)),
        type.fields.map(({ name }) => name),
      );
    case 'tuple':
      return sequenceCodec(type.elements.map(codecOf));
    case 'flags':
      return flagsCodec(type.names.length);
    case 'enum':
      return variantCodec(enumForm(type.names));
    case 'variant':
      return variantCodec(
        taggedForm(
          type.cases.map(({ name }) => name),
          type.cases.map((one) => one.type),
        ),
      );
    case 'option':
      return variantCodec(optionForm(type.inner));
    case 'result':
      return variantCodec(taggedForm(['ok', 'err'], [type.ok, type.err]));
    case 'own':
      return ownCodec(type.resource);
    case 'borrow':
      return borrowCodec(type.resource);
    default:
      return NUMBER_CODECS[type.kind];
  }
}

function taggedForm(names: readonly string[], types: readonly (ValueType | undefined)[]): VariantForm {
  const numbers = new Map(names.map((name, index) => [name, index]));
  return {
    payloads: types.map((type) => type && codecOf(type)),
    heldBytes: HELD_BYTES_OF_TAGGED,
    numberOf: (value) => numbers.get((value as Tagged).tag) as number,
    payloadOf: (value) => (value as Tagged).val,
    make: (number, val) => (types[number] ? { tag: names[number], val } : { tag: names[number] }),
  };
}

function enumForm(names: readonly string[]): VariantForm {
  const numbers = new Map(names.map((name, index) => [name, index]));
  return {
    payloads: names.map(() => undefined),
    heldBytes: 0,
    numberOf: (value) => numbers.get(value as string) as number,
    payloadOf: () => undefined,
    make: (number) => names[number],
  };
}

/** Of an option in an option it has to be known which of the two is none. */
function optionForm(inner: ValueType): VariantForm {
  if (inner.kind === 'option') return taggedForm(['none', 'some'], [undefined, inner]);
  return {
    payloads: [undefined, codecOf(inner)],
    heldBytes: 0,
    numberOf: (value) => (value === undefined ? 0 : 1),
    payloadOf: (value) => value,
    make: (_, payload) => payload,
  };
}

function ownCodec(type: ResourceType): Codec {
  const word = NUMBER_CODECS.u32;
  return {
    ...word,
    load: (x, pointer) => x.instance.handles.take(x, word.load(x, pointer) as number, x.resource(type)),
    lift: (x, from) => x.instance.handles.take(x, word.lift(x, from) as number, x.resource(type)),
    store: (x, value, pointer) => word.store(x, x.instance.handles.add(x, x.resource(type), value), pointer),
    lower: (x, value, to) => void to.push(x.instance.handles.add(x, x.resource(type), value)),
  };
}

function borrowCodec(type: ResourceType): Codec {
  const word = NUMBER_CODECS.u32;
  const lower: (...[x, value]: Parameters<Codec['lower']>) => number = (x, value) => {
    const resource = x.resource(type);
    // Whoever has made the resource sees what it stands for.
    return resource.owner === x.instance ? (value as number) : x.instance.handles.add(x, resource, value, x.loans);
  };
  return {
    ...word,
    load: (x, pointer) => x.instance.handles.lend(x, word.load(x, pointer) as number, x.resource(type)),
    lift: (x, from) => x.instance.handles.lend(x, word.lift(x, from) as number, x.resource(type)),
    store: (x, value, pointer) => word.store(x, lower(x, value, []), pointer),
    lower: (x, value, to) => void to.push(lower(x, value, to)),
  };
}
