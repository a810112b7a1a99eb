// JSON as a value: AssemblyScript has none of its own. The same as in the SDK for plugins.

// For all JSON values that have none, so that a number costs no array and no map. Never written to.
const NO_ITEMS: Json[] = [];
const NO_FIELDS: Map<string, Json> = new Map();

/** `Invalid` is what `Json.parse` gives for text that is not JSON. */
export const enum Kind { Null, Boolean, Number, String, Array, Object, Invalid }

export class Json {
  /** `text` is a string's value; any other scalar as JSON writes it (64-bit ids survive); what is wrong, where invalid. */
  constructor(
    readonly kind: Kind,
    readonly text: string = '',
    readonly items: Json[] = NO_ITEMS,
    readonly fields: Map<string, Json> = NO_FIELDS,
  ) {}

  /** Never traps, whatever the text. */
  static parse(text: string): Json { return new JsonReader(text).document(); }
  static string(text: string): Json { return new Json(Kind.String, text); }
  static integer(value: i64): Json { return new Json(Kind.Number, value.toString()); }
  static array(items: Json[] = []): Json { return new Json(Kind.Array, '', items); }
  static object(): Json { return new Json(Kind.Object, '', NO_ITEMS, new Map()); }
  get isNull(): bool { return this.kind == Kind.Null; }
  /** A field's value; null where this is no object or has no such field. */
  at(key: string): Json {
    return this.fields.has(key) ? this.fields.get(key) : NULL;
  }

  set(key: string, value: Json): Json {
    this.fields.set(key, value);
    return this;
  }

  stringify(): string {
    const parts: string[] = [];
    this.writeTo(parts);
    return parts.join('');
  }

  writeTo(parts: string[]): void {
    if (this.kind == Kind.String) {
      writeString(parts, this.text);
    } else if (this.kind == Kind.Array) {
      for (let i = 0; i < this.items.length; i++) {
        parts.push(i ? ',' : '[');
        this.items[i].writeTo(parts);
      }
      parts.push(this.items.length ? ']' : '[]');
    } else if (this.kind == Kind.Object) {
      const keys = this.fields.keys();
      for (let i = 0; i < keys.length; i++) {
        parts.push(i ? ',' : '{');
        writeString(parts, keys[i]);
        parts.push(':');
        this.fields.get(keys[i]).writeTo(parts);
      }
      parts.push(keys.length ? '}' : '{}');
    } else {
      parts.push(this.isNull ? 'null' : this.text);
    }
  }
}

const NULL: Json = new Json(Kind.Null);
const ESCAPED = '"\\/\b\f\n\r\t';
const ESCAPES = '"\\/bfnrt';
const HEX = '0123456789abcdef';

function writeString(parts: string[], text: string): void {
  let length = text.length;
  for (let i = 0; i < text.length; i++) length += extraUnits(text, i);
  parts.push('"');
  parts.push(length == text.length ? text : escaped(text, length));
  parts.push('"');
}

/** How many units a unit needs beyond itself: 1 for \n and its like, 5 for \u0000. A lone surrogate has no UTF-8. */
function extraUnits(text: string, at: i32): i32 {
  const unit = text.charCodeAt(at);
  if (unit > 0x5c && unit < 0xd800) return 0;
  if (unit == 0x22 || unit == 0x5c || (unit >= 0x08 && unit <= 0x0d && unit != 0x0b)) return 1;
  if ((unit & 0xfc00) == 0xd800) return (text.charCodeAt(at + 1) & 0xfc00) == 0xdc00 ? 0 : 5;
  if ((unit & 0xfc00) == 0xdc00) return (text.charCodeAt(at - 1) & 0xfc00) == 0xd800 ? 0 : 5;
  return unit < 0x20 ? 5 : 0;
}

/** One allocation whatever the text: pieces would take many times its size. */
function escaped(text: string, length: i32): string {
  const out = new StaticArray<u16>(length);
  for (let i = 0, at = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const extra = extraUnits(text, i);
    if (extra) out[at++] = 0x5c;
    out[at++] = <u16>(extra == 0 ? unit : extra == 1 ? ESCAPES.charCodeAt(unitIndex(ESCAPED, unit)) : 0x75);
    for (let shift = 12; extra == 5 && shift >= 0; shift -= 4) out[at++] = <u16>HEX.charCodeAt((unit >> shift) & 15);
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(out), <usize>length << 1);
}

function unitIndex(text: string, unit: i32): i32 {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) == unit) return i;
  return -1;
}

class JsonReader {
  private at: i32 = 0;
  private problem: string = '';

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(256); // the deepest nesting read: reading recurses, and a guest's stack is small
    if (this.peek() >= 0) this.fail('more text after the value');
    return this.problem == '' ? value : new Json(Kind.Invalid, this.problem);
  }

  private value(depth: i32): Json {
    const unit = depth ? this.peek() : -1;
    if (unit == 0x22) return Json.string(this.string());
    if (unit == 0x5b) {
      const array = Json.array();
      this.at++;
      if (this.skip(0x5d)) return array;
      do array.items.push(this.value(depth - 1));
      while (this.skip(0x2c));
      return this.skip(0x5d) ? array : this.fail('"," or "]" is missing');
    }
    if (unit == 0x7b) {
      const object = Json.object();
      this.at++;
      if (this.skip(0x7d)) return object;
      do {
        const key = this.peek() == 0x22 ? this.string() : this.fail('a quoted key is missing').text;
        if (!this.skip(0x3a)) return this.fail('":" is missing');
        object.set(key, this.value(depth - 1));
      } while (this.skip(0x2c));
      return this.skip(0x7d) ? object : this.fail('"," or "}" is missing');
    }
    const start = this.at;
    for (let u = unit; u > 0x20 && u != 0x2c && u != 0x5d && u != 0x7d; u = this.unit()) this.at++;
    const word = this.text.substring(start, this.at);
    if (word == 'null') return NULL;
    if (word == 'true' || word == 'false') return new Json(Kind.Boolean, word);
    if (isNumber(word)) return new Json(Kind.Number, word);
    return this.fail(depth ? 'a value is missing' : 'the nesting is too deep');
  }

  private string(): string {
    const start = ++this.at;
    let hasEscapes = false;
    for (let unit = this.unit(); unit != 0x22; unit = this.unit()) {
      if (unit < 0x20) return this.fail('a string has no end or a control character').text;
      if (unit == 0x5c) hasEscapes = true;
      this.at += unit == 0x5c ? 2 : 1;
    }
    const end = this.at++;
    return hasEscapes ? this.unescaped(start, end) : this.text.substring(start, end);
  }

  private unescaped(start: i32, end: i32): string {
    const out = new StaticArray<u16>(end - start);
    let length = 0;
    for (let i = start; i < end; i++) {
      let unit = this.text.charCodeAt(i);
      if (unit == 0x5c) {
        const short = unitIndex(ESCAPES, this.text.charCodeAt(++i));
        unit = short < 0 ? 0 : ESCAPED.charCodeAt(short);
        if (short < 0 && this.text.charCodeAt(i) != 0x75) return this.fail('a string has an unknown escape').text;
        for (const last = i + 4; short < 0 && i < last; ) {
          const digit = unitIndex(HEX, this.text.charCodeAt(++i) | 0x20);
          if (digit < 0) return this.fail('a string has a malformed escape').text;
          unit = (unit << 4) | digit;
        }
      }
      out[length++] = <u16>unit;
    }
    return String.UTF16.decodeUnsafe(changetype<usize>(out), <usize>length << 1);
  }

  /** The unit that comes next, -1 at the end. */
  private unit(): i32 { return this.text.charCodeAt(this.at); }

  /** The next unit that is no white space, -1 at the end. */
  private peek(): i32 {
    while (this.unit() == 0x20 || this.unit() == 0x0a || this.unit() == 0x0d || this.unit() == 0x09) this.at++;
    return this.unit();
  }

  private skip(unit: i32): bool {
    const isNext = this.peek() == unit;
    if (isNext) this.at++;
    return isNext;
  }

  /** Keeps the first problem and moves to the end, where nothing more is read. */
  private fail(problem: string): Json {
    if (this.problem == '') this.problem = `not JSON: ${problem} (character ${this.at + 1})`;
    this.at = this.text.length;
    return NULL;
  }
}

/** -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
function isNumber(word: string): bool {
  const whole = word.startsWith('-') ? 1 : 0;
  const point = afterDigits(word, whole);
  const exponent = word.charCodeAt(point) == 0x2e ? afterDigits(word, point + 1) : point;
  let end = exponent;
  if ((word.charCodeAt(exponent) | 0x20) == 0x65) {
    const sign = word.charCodeAt(exponent + 1);
    const digits = sign == 0x2b || sign == 0x2d ? exponent + 2 : exponent + 1;
    end = afterDigits(word, digits);
    if (end == digits) return false;
  }
  const isWhole = point == whole + 1 || (point > whole && word.charCodeAt(whole) != 0x30);
  return isWhole && exponent != point + 1 && end == word.length;
}

function afterDigits(word: string, at: i32): i32 {
  while (word.charCodeAt(at) >= 0x30 && word.charCodeAt(at) <= 0x39) at++;
  return at;
}
