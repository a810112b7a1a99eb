import { ByteReader } from '../wasm/byte-reader.ts';

/** Definitions of one component, those inside it included; what is in use has some thousand. */
const MOST_DEFINITIONS = 500_000;
/** Names of things that are exported or imported; the longest of WASI have some sixty. */
const LONGEST_NAME_BYTES = 4_096;

/** A label in WIT: words of letters and digits with hyphens between them. */
const LABEL = /^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/;

/** Counts what is read of one component, wherever in it. */
export interface ReadBudget {
  definitions: number;
}

/** Reads the parts of a component's binary, of which the writer is not trusted. Source: component model, Binary.md. */
export class ComponentReader extends ByteReader {
  readonly budget: ReadBudget;

  constructor(bytes: Uint8Array, offset: number, end: number, budget: ReadBudget = { definitions: 0 }) {
    super(bytes, offset, end);
    this.budget = budget;
  }

  /** Another reader of the same bytes, with the same budget. */
  part(offset: number, end: number): ComponentReader {
    return new ComponentReader(this.bytes, offset, end, this.budget);
  }

  /** The byte that comes next, which is not taken. */
  peek(): number {
    const value = this.byte();
    this.offset -= 1;
    return value;
  }

  /** The index of a type, which is written as a signed number of 33 bits. */
  typeIndex(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      if ((byte & 0x40) !== 0) this.fail(`0x${byte.toString(16)} is no known type`);
      return value;
    }
    return this.fail('a number is longer than its type allows');
  }

  vector<T>(readItem: (index: number) => T): T[] {
    const count = this.u32();
    if (count > this.end - this.offset) this.fail(`${count} items do not fit into what is left`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) {
      this.count();
      items.push(readItem(index));
    }
    return items;
  }

  option<T>(readItem: () => T): T | undefined {
    const flag = this.byte();
    if (flag > 1) this.fail(`${flag} says neither that something is there nor that it is not`);
    return flag === 1 ? readItem() : undefined;
  }

  /** One more definition. @throws ABI_BAD_MODULE when there are too many */
  count(): void {
    this.budget.definitions += 1;
    if (this.budget.definitions > MOST_DEFINITIONS) this.fail(`it has more than ${MOST_DEFINITIONS} definitions`);
  }

  /** The name of an import or an export. */
  externName(): string {
    const form = this.byte();
    if (form > 2) this.fail(`${form} is no known form of a name`);
    const name = this.boundedName();
    if (name === '') this.fail('a name is empty');
    if (form === 2) {
      this.vector(() => {
        this.byte();
        this.boundedName();
      });
    }
    return name;
  }

  boundedName(): string {
    const start = this.offset;
    const name = this.name();
    if (this.offset - start > LONGEST_NAME_BYTES) this.fail(`a name is longer than ${LONGEST_NAME_BYTES} bytes`);
    return name;
  }

  /** The name of a field, a case, a parameter. */
  label(): string {
    const name = this.boundedName();
    if (!LABEL.test(name)) this.fail('the name of a part is not in kebab-case');
    return name;
  }

  /** Names of which there is at least one, and none twice. */
  labels(most: number): string[] {
    return this.distinct(
      this.vector(() => this.label()),
      most,
    );
  }

  /** @throws ABI_BAD_MODULE unless there is at least one name, no more than so many, and none twice */
  distinct(names: string[], most: number): string[] {
    if (names.length === 0) this.fail('a type has no parts');
    if (names.length > most) this.fail(`a type has ${names.length} parts; at most ${most} are possible`);
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
      this.fail('a type has two parts of one name');
    return names;
  }
}
