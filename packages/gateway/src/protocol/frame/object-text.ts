import { FrameError } from './frame-error.ts';
import { joinMembers } from './join-members.ts';
import { parseSpan } from './json.ts';
import { PAYLOAD } from './level.ts';
import { findLast, type Member, type ScannedObject, SEARCHED_MEMBERS, UNKNOWN } from './scanned-object.ts';
import { Scanner, scanAgain } from './scanner.ts';
import { assertUtf8 } from './utf8.ts';

const OPEN = 123;
const OPEN_LIST = 91;
const QUOTE = 34;

/**
 * One JSON object as the bytes that came, its members found. Immutable: an edit gives another one, in which all members
 * that were not named keep their bytes.
 *
 * Where a key comes twice in a payload, the last one counts, as in JSON.parse; an edit of it leaves one.
 *
 * It holds the memory of the chunk that it came in: whoever keeps one for longer than a call takes a {@link copy}.
 */
export class ObjectText {
  static readonly EMPTY: ObjectText = new ObjectText(Buffer.from('{}'), 0, 2, undefined);

  readonly #source: Buffer;
  readonly #start: number;
  readonly #end: number;
  #scanned: ScannedObject | undefined;
  /** The members after edits; undefined where there were none. */
  readonly #edited: readonly Member[] | undefined;
  /** The same with bytes of its own, once somebody has asked for it. */
  #own: ObjectText | undefined;
  #index: Map<string, Member> | undefined;
  #parts: readonly Buffer[] | undefined;
  #byteLength: number | undefined;
  #whole: Record<string, unknown> | undefined;

  private constructor(
    source: Buffer,
    start: number,
    end: number,
    scanned: ScannedObject | undefined,
    edited?: readonly Member[],
  ) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#scanned = scanned;
    this.#edited = edited;
  }

  /**
   * Reads bytes that are one object and nothing else but white space around it.
   *
   * @param options.unique - Refuse a key that comes twice, in every object: where somebody decides by the contents.
   * @throws FrameError
   */
  static read(bytes: Buffer, options?: { readonly unique?: boolean }): ObjectText {
    assertUtf8(bytes);
    const scanner = new Scanner(bytes, 0, options?.unique);
    if (scanner.space() !== OPEN) {
      scanner.skip(0);
      scanner.end();
      throw new FrameError({ rpcCode: -32600, problem: 'is not an object', byteOffset: 0 });
    }
    const scanned = scanner.object(0, PAYLOAD);
    scanner.end();
    if (scanner.violation !== undefined) throw new FrameError({ rpcCode: -32600, ...scanner.violation });
    return new ObjectText(bytes, scanned.start, scanned.end, scanned);
  }

  /** The object as JSON.stringify writes it: members that are undefined vanish. */
  static from(value: Readonly<Record<string, unknown>>): ObjectText {
    const bytes = Buffer.from(JSON.stringify(value));
    if (bytes[0] !== OPEN) throw new TypeError('Expected an object that JSON writes as an object.');
    return new ObjectText(bytes, 0, bytes.length, undefined);
  }

  /** The object that a scan has found. The bytes have been validated. */
  static found(bytes: Buffer, scanned: ScannedObject): ObjectText {
    return new ObjectText(bytes, scanned.start, scanned.end, scanned);
  }

  /** Each key once, in the order of the text. */
  keys(): Iterable<string> {
    return new Set(this.#members().map((member) => member.key));
  }

  /** Whether a key of its own comes twice; objects inside are not looked at. */
  get hasTwice(): boolean {
    const members = this.#members();
    return new Set(members.map((member) => member.key)).size < members.length;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** The value's bytes as they came, without white space around: a view, no copy. */
  bytes(key: string): Buffer | undefined {
    const member = this.#find(key);
    if (member === undefined) return undefined;
    if (member.put instanceof ObjectText) return member.put.toBytes();
    return (member.put as Buffer | undefined) ?? this.#source.subarray(member.start, member.end);
  }

  /** The value as JSON.parse reads it, remembered; undefined where there is none. */
  value(key: string): unknown {
    const member = this.#find(key);
    if (member === undefined) return undefined;
    if (member.value !== UNKNOWN) return member.value;
    const { put } = member;
    if (put === undefined) member.value = parseSpan(this.#source, member.start, member.end);
    else member.value = put instanceof ObjectText ? put.toValue() : parseSpan(put as Buffer, 0, (put as Buffer).length);
    return member.value;
  }

  /** The value where it is a string. */
  text(key: string): string | undefined {
    return this.#firstByte(key) === QUOTE ? (this.value(key) as string) : undefined;
  }

  /** The value where it is an object. Its members are found when they are asked for. */
  object(key: string): ObjectText | undefined {
    const member = this.#find(key);
    if (member === undefined || this.#firstByte(key) !== OPEN) return undefined;
    member.object ??= this.#objectAt(member);
    return member.object as ObjectText;
  }

  /** The elements of a list that are objects; those that are none are left out. Undefined where the value is no list. */
  list(key: string): ObjectText[] | undefined {
    if (this.#firstByte(key) !== OPEN_LIST) return undefined;
    const bytes = this.bytes(key) as Buffer;
    const elements: ObjectText[] = [];
    const scanner = new Scanner(bytes);
    scanner.list((first) => {
      if (first === OPEN) elements.push(ObjectText.found(bytes, scanner.object(0, PAYLOAD)));
      else scanner.skip(0);
    });
    return elements;
  }

  /**
   * Replaces the value where the key stands, or adds it at the end.
   *
   * @param value - One JSON value without white space around; bytes are taken as they are.
   */
  with(key: string, value: Buffer | ObjectText): ObjectText {
    const replaced = this.#find(key) !== undefined;
    const members: Member[] = [];
    let placed = false;
    for (const member of this.#members()) {
      if (!replaced || member.key !== key) members.push(member);
      else if (!placed) {
        members.push({ ...member, put: value, value: UNKNOWN, object: undefined });
        placed = true;
      }
    }
    if (!replaced)
      members.push({
        key,
        index: -1,
        from: 0,
        start: 0,
        end: 0,
        inside: undefined,
        put: value,
        value: UNKNOWN,
        object: undefined,
      });
    return this.#edit(members);
  }

  /** As {@link with}, by JSON.stringify: undefined removes the member. */
  withValue(key: string, value: unknown): ObjectText {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined ? this.without(key) : this.with(key, Buffer.from(json));
  }

  without(...keys: readonly string[]): ObjectText {
    if (!keys.some((key) => this.has(key))) return this;
    return this.#edit(this.#members().filter((member) => !keys.includes(member.key)));
  }

  /** All of it as JSON.parse reads it, remembered: not to be changed. */
  toValue(): Record<string, unknown> {
    this.#whole ??= (
      this.#edited === undefined
        ? parseSpan(this.#source, this.#start, this.#end)
        : parseSpan(this.toBytes(), 0, this.byteLength)
    ) as Record<string, unknown>;
    return this.#whole;
  }

  /** Of the text as it will be written, in bytes. */
  get byteLength(): number {
    if (this.#edited === undefined) return this.#end - this.#start;
    this.#byteLength ??= this.#written().reduce((sum, part) => sum + part.length, 0);
    return this.#byteLength;
  }

  /** Adds the text: one part, exactly as it came, where nothing was edited; else the fewest that need no copy. */
  writeTo(parts: Buffer[]): void {
    for (const part of this.#written()) parts.push(part);
  }

  toBytes(): Buffer {
    const parts = this.#written();
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** Writes the text into `target` at `at`, where there is room. @returns Where it ends. */
  copyTo(target: Buffer, at: number): number {
    if (this.#edited === undefined) return at + this.#source.copy(target, at, this.#start, this.#end);
    let end = at;
    for (const part of this.#written()) end += part.copy(target, end);
    return end;
  }

  /** The same with bytes of its own, so that the chunk it came in can be freed. Made once, for however many keep it. */
  copy(): ObjectText {
    if (this.#own) return this.#own;
    const bytes = Buffer.allocUnsafeSlow(this.byteLength);
    this.copyTo(bytes, 0);
    const own = new ObjectText(bytes, 0, bytes.length, undefined);
    own.#own = own;
    this.#own = own;
    return own;
  }

  #origin(): ScannedObject {
    this.#scanned ??= scanAgain(this.#source, this.#start);
    return this.#scanned;
  }

  #members(): readonly Member[] {
    return this.#edited ?? this.#origin().members;
  }

  #find(key: string): Member | undefined {
    const members = this.#members();
    if (members.length <= SEARCHED_MEMBERS) return findLast(members, key);
    this.#index ??= new Map(members.map((member) => [member.key, member]));
    return this.#index.get(key);
  }

  #firstByte(key: string): number | undefined {
    const member = this.#find(key);
    if (member === undefined) return undefined;
    if (member.put instanceof ObjectText) return OPEN;
    return member.put === undefined ? this.#source[member.start] : (member.put as Buffer)[0];
  }

  #objectAt({ put, start, end, inside }: Member): ObjectText {
    if (put instanceof ObjectText) return put;
    if (put !== undefined) return new ObjectText(put as Buffer, 0, (put as Buffer).length, undefined);
    return new ObjectText(this.#source, start, end, inside);
  }

  #edit(members: readonly Member[]): ObjectText {
    return new ObjectText(this.#source, this.#start, this.#end, this.#origin(), members);
  }

  #written(): readonly Buffer[] {
    this.#parts ??= this.#edited
      ? joinMembers(this.#source, this.#origin(), this.#edited)
      : [this.#source.subarray(this.#start, this.#end)];
    return this.#parts;
  }
}
