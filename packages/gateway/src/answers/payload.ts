import { WITHHELD_META_KEY } from '../monitor/monitored-call.ts';
import { listText } from '../protocol/frame/list-text.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isMembers, isSoonParsed, parseExactly } from '../query/exact-json.ts';

/** Larger payloads are not parsed here, nor those of so many values that nobody else would get a turn for long. */
const MAX_PARSED_BYTES = 4 * 1024 * 1024;

/** Members under which servers put a text that is all they have. */
const WRAPPERS: ReadonlySet<string> = new Set(['content', 'result']);

/** The data in a tool's answer, as one text. */
export class Payload {
  /** As it stands in the answer; where it is JSON in several blocks, a list of them. */
  readonly text: string;
  /** What is said of structured content in words; empty where there is nothing but its JSON again. */
  readonly words: string;
  readonly #result: ObjectText;
  /** Blocks that are not texts: images, links and the like; and the monitor's note that something was withheld. */
  readonly #others: readonly ObjectText[];
  #value: unknown;
  #isParsed = false;

  private constructor(text: string, result: ObjectText, others: readonly ObjectText[], words = '') {
    this.text = text;
    this.words = words;
    this.#result = result;
    this.#others = others;
  }

  /**
   * Of a result of `tools/call`; undefined where it is none that has ended, or has no text. The data is the structured content where there is some that says more
   * than the text; else the text; else the texts, one after the other.
   */
  static of(result: ObjectText): Payload | undefined {
    const kind = result.text('resultType') ?? 'complete';
    const blocks = result.list('content');
    if (!blocks || kind !== 'complete' || result.has('task')) return undefined;
    const isText = (block: ObjectText): boolean => block.text('type') === 'text' && block.text('text') !== undefined;
    const note = result.object('_meta')?.has(WITHHELD_META_KEY) ? blocks.findLast(isText) : undefined;
    const isData = (block: ObjectText): boolean => isText(block) && block !== note;
    const texts = blocks.filter(isData).map((block) => block.text('text') as string);
    const others = blocks.filter((block) => !isData(block));
    const [first] = texts;
    const structured = result.bytes('structuredContent');
    if (structured) {
      const isWrapped = first !== undefined && texts.length === 1 && isWrapper(result, first);
      if (isWrapped) return new Payload(first, result, others);
      const said = texts.join('\n');
      return new Payload(structured.toString('utf8'), result, others, isLikeJson(said) ? '' : said);
    }
    if (first === undefined) return undefined;
    return new Payload(texts.length === 1 ? first : joined(texts), result, others);
  }

  get isError(): boolean {
    return this.#result.value('isError') === true;
  }

  /** The data as a list or an object, in which numbers are printed as they came; undefined where it is none, or too large to be parsed. */
  get value(): unknown {
    if (this.#isParsed) return this.#value;
    this.#isParsed = true;
    this.#value = isLikeJson(this.text) && this.whyWhole === undefined ? parsed(this.text) : undefined;
    return this.#value;
  }

  /** Why the data is not looked into, though it may be a list or an object: it would take too long; undefined where it is. */
  get whyWhole(): string | undefined {
    if (!isLikeJson(this.text)) return undefined;
    if (Buffer.byteLength(this.text) > MAX_PARSED_BYTES) return 'it is longer than 4 MiB';
    return isSoonParsed(this.text) ? undefined : 'it has too many values';
  }

  /** The structured content, where it is an object. */
  get structured(): ObjectText | undefined {
    return this.#result.object('structuredContent');
  }

  /** Whether the answer has structured content. */
  get isStructured(): boolean {
    return this.#result.has('structuredContent');
  }

  /**
   * The answer with other data in place of this.
   *
   * @param texts - A text block for each; other blocks follow.
   * @param structured - In place of the structured content; it is left out where absent.
   * @param said - Goes into `_meta` under `key`.
   */
  replaced(texts: readonly ObjectText[], structured: ObjectText | undefined, key: string, said: object): ObjectText {
    const content = this.#result.with('content', listText([...texts, ...this.#others]));
    const whole = structured ? content.with('structuredContent', structured) : content.without('structuredContent');
    const meta = whole.object('_meta') ?? ObjectText.EMPTY;
    return whole.with('_meta', meta.withValue(key, said));
  }
}

function isLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** Whether structured content is nothing but the text again, under a name that says nothing. */
function isWrapper(result: ObjectText, text: string): boolean {
  const structured = result.object('structuredContent');
  const [name, ...more] = structured?.keys() ?? [];
  return name !== undefined && more.length === 0 && WRAPPERS.has(name) && structured?.text(name) === text;
}

/** Several texts as one: a list where each is JSON, as some servers write the elements of a list. */
function joined(texts: readonly string[]): string {
  const whole = texts.join(',');
  const isSoon = whole.length <= MAX_PARSED_BYTES && isSoonParsed(whole);
  const isJson = isSoon && texts.every((text) => /^\s*\{/.test(text) && isMembers(parsed(text)));
  return isJson ? `[${whole}]` : texts.join('\n');
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
