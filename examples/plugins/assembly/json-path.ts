// A subset of JSONPath (RFC 9535): $ .name .* ..name ..* and in brackets 'name' 0 -1 * start:end:step, or several of
// those with commas between. No filters, no functions. The leading $ may be left out.
import { Json, Kind } from '../assemblyscript/assembly/sdk';

/** Repeated ".." multiplies matches: past this many a path is given up before it fills the memory. */
const MAX_MATCHES = 100_000;

const enum Choice {
  Name,
  Every,
  Index,
  Slice,
}

/** A bound of a slice that was left out. */
const LEFT_OUT: i32 = i32.MIN_VALUE;

class Selector {
  name: string = '';
  start: i32 = LEFT_OUT;
  end: i32 = LEFT_OUT;
  step: i32 = 1;

  constructor(readonly choice: Choice) {}
}

class Segment {
  readonly selectors: Selector[] = [];

  constructor(readonly descends: bool) {}
}

export class JsonPath {
  /** What is wrong with the path or was wrong with its use; '' where nothing is. */
  problem: string = '';
  private at: i32 = 0;
  private readonly segments: Segment[] = [];

  /** Never traps: look at `problem` after it. */
  constructor(private readonly path: string) {
    if (this.unit() == 0x24) this.at++;
    else if (path != '' && this.unit() != 0x2e && this.unit() != 0x5b) this.readName(this.open(false));
    while (this.problem == '' && this.at < path.length) this.readSegment();
  }

  /** Whether it can match at most one value. */
  get isSingular(): bool {
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i];
      if (segment.descends || segment.selectors.length > 1) return false;
      const choice = segment.selectors[0].choice;
      if (choice != Choice.Name && choice != Choice.Index) return false;
    }
    return true;
  }

  /** The values that the path names, in document order; sets `problem` where there are too many. */
  select(root: Json): Json[] {
    let matches: Json[] = [root];
    for (let i = 0; i < this.segments.length && this.problem == ''; i++) {
      const found: Json[] = [];
      for (let m = 0; m < matches.length; m++) this.follow(this.segments[i], matches[m], found);
      matches = found;
    }
    return matches;
  }

  private follow(segment: Segment, value: Json, found: Json[]): void {
    for (let i = 0; i < segment.selectors.length; i++) pick(segment.selectors[i], value, found);
    if (found.length > MAX_MATCHES) this.problem = `the path matches more than ${MAX_MATCHES} values`;
    if (!segment.descends || this.problem != '') return;
    const children = childrenOf(value);
    for (let i = 0; i < children.length; i++) this.follow(segment, children[i], found);
  }

  private open(descends: bool): Segment {
    const segment = new Segment(descends);
    this.segments.push(segment);
    return segment;
  }

  private readSegment(): void {
    if (this.unit() == 0x5b) return this.readBrackets(this.open(false));
    if (this.unit() != 0x2e) return this.fail('a "." or "[" is missing');
    this.at++;
    const descends = this.unit() == 0x2e;
    if (descends) this.at++;
    if (descends && this.unit() == 0x5b) this.readBrackets(this.open(true));
    else this.readName(this.open(descends));
  }

  private readName(segment: Segment): void {
    const start = this.at;
    while (this.at < this.path.length && this.unit() != 0x2e && this.unit() != 0x5b) this.at++;
    const name = this.path.substring(start, this.at);
    if (name == '') return this.fail('a name is missing');
    const selector = new Selector(name == '*' ? Choice.Every : Choice.Name);
    selector.name = name;
    segment.selectors.push(selector);
  }

  private readBrackets(segment: Segment): void {
    do {
      this.at++; // past "[" or ","
      this.skipSpaces();
      this.readSelector(segment);
      this.skipSpaces();
    } while (this.problem == '' && this.unit() == 0x2c);
    if (this.problem == '' && this.unit() != 0x5d) this.fail('a "]" is missing');
    this.at++;
  }

  private readSelector(segment: Segment): void {
    const unit = this.unit();
    if (unit == 0x27 || unit == 0x22) {
      segment.selectors.push(this.readQuoted(unit));
    } else if (unit == 0x2a) {
      this.at++;
      segment.selectors.push(new Selector(Choice.Every));
    } else {
      const start = this.readInteger();
      this.skipSpaces();
      const selector = new Selector(this.unit() == 0x3a ? Choice.Slice : Choice.Index);
      selector.start = start;
      if (selector.choice == Choice.Slice) this.readSlice(selector);
      else if (start == LEFT_OUT) return this.fail('a quoted name, an index, a slice or * is missing');
      segment.selectors.push(selector);
    }
  }

  private readSlice(selector: Selector): void {
    this.at++;
    selector.end = this.readInteger();
    this.skipSpaces();
    if (this.unit() != 0x3a) return;
    this.at++;
    const step = this.readInteger();
    selector.step = step == LEFT_OUT ? 1 : step;
  }

  private readQuoted(quote: i32): Selector {
    const selector = new Selector(Choice.Name);
    const parts: string[] = [];
    while (++this.at < this.path.length && this.unit() != quote) {
      if (this.unit() == 0x5c) this.at++;
      parts.push(this.path.charAt(this.at));
    }
    if (this.unit() != quote) this.fail('a quoted name has no end');
    this.at++;
    selector.name = parts.join('');
    return selector;
  }

  private readInteger(): i32 {
    this.skipSpaces();
    const start = this.at;
    if (this.unit() == 0x2d) this.at++;
    while (this.unit() >= 0x30 && this.unit() <= 0x39) this.at++;
    const digits = this.path.substring(start, this.at);
    if (digits == '') return LEFT_OUT;
    if (digits == '-' || digits.length > 9) this.fail('an index is malformed or too large');
    return I32.parseInt(digits);
  }

  private skipSpaces(): void {
    while (this.unit() == 0x20) this.at++;
  }

  private unit(): i32 {
    return this.path.charCodeAt(this.at);
  }

  private fail(problem: string): void {
    if (this.problem == '') this.problem = `the path "${this.path}" is malformed: ${problem} (character ${this.at + 1})`;
  }
}

function childrenOf(value: Json): Json[] {
  return value.kind == Kind.Object ? value.fields.values() : value.items;
}

function pick(selector: Selector, value: Json, found: Json[]): void {
  if (selector.choice == Choice.Name) {
    if (value.fields.has(selector.name)) found.push(value.fields.get(selector.name));
  } else if (selector.choice == Choice.Every) {
    const children = childrenOf(value);
    for (let i = 0; i < children.length; i++) found.push(children[i]);
  } else if (selector.choice == Choice.Index) {
    const index = fromStart(selector.start, value.items.length);
    if (index >= 0 && index < value.items.length) found.push(value.items[index]);
  } else {
    slice(selector, value.items, found);
  }
}

function slice(selector: Selector, items: Json[], found: Json[]): void {
  const step = selector.step;
  const length = items.length;
  if (step > 0) {
    const start = selector.start == LEFT_OUT ? 0 : max(fromStart(selector.start, length), 0);
    const end = selector.end == LEFT_OUT ? length : min(fromStart(selector.end, length), length);
    for (let i = start; i < end; i += step) found.push(items[i]);
  } else if (step < 0) {
    const start = selector.start == LEFT_OUT ? length - 1 : min(fromStart(selector.start, length), length - 1);
    const end = selector.end == LEFT_OUT ? -1 : max(fromStart(selector.end, length), -1);
    for (let i = start; i > end; i += step) found.push(items[i]);
  }
}

/** A negative index counts from the end. */
function fromStart(index: i32, length: i32): i32 {
  return index < 0 ? index + length : index;
}
