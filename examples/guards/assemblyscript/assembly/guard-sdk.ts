// What every guard needs: the three exports' buffers, labels, and answers. JSON comes from the plugins' SDK file, which lies
// beside it. docs/writing-a-guard.md explains it step by step. Compile with --use abort=<path of this file without .ts>/abort.
import { free, give, Json, Kind } from './sdk';

const BUFFER_TOO_SMALL = -2;
const NO_LABELS = '{"secrecy":[],"integrity":[]}';
/** The guard's own error code for a request that is not JSON or that no rule covers: the gateway then denies the call. */
export const CANNOT_LABEL = -3;

// ---- Memory: the host allocates both buffers here ----

export function alloc(byteLength: i32): usize {
  return <u32>byteLength < 1 << 29 ? heap.alloc(byteLength) : 0;
}

export function dealloc(pointer: usize, byteLength: i32): void {
  heap.free(pointer);
}

/** What the host wrote. */
export function request(pointer: usize, byteLength: usize): Json {
  return Json.parse(String.UTF8.decodeUnsafe(pointer, byteLength));
}

/** Writes the answer, or says how large the buffer must be. */
export function respond(json: string, pointer: usize, capacity: i32): i32 {
  return new AnswerWriter(pointer, capacity).raw(json).end();
}

@external('env', 'host_log')
declare function hostLog(level: i32, pointer: usize, byteLength: usize): void;

/** A line for the gateway's log: 0 debug, 1 info, 2 warning, 3 error. The `log` of the plugins' SDK file cannot be linked into a guard. */
export function log(level: i32, message: string): void {
  const span = give(message);
  hostLog(level, <usize>(span >> 32), <usize>(span & 0xffffffff));
  free(<usize>(span >> 32));
}

/** Where `throw`, `assert` and every trap of the standard library end: the host's log gets the message first, as an error (3). */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  log(3, `${message ? message : 'aborted'} (${file ? file : 'unknown file'}:${line}:${column})`);
  unreachable();
}

// ---- Labels ----

export class Labels {
  readonly secrecy: string[] = [];
  readonly integrity: string[] = [];

  /** The labels that a JSON object names; what it does not name is empty. */
  static of(json: Json): Labels {
    return new Labels().add(json);
  }

  add(json: Json): Labels {
    addAll(this.secrecy, json.at('secrecy'));
    addAll(this.integrity, json.at('integrity'));
    return this;
  }

  toJson(): Json {
    return Json.object().set('secrecy', texts(this.secrecy)).set('integrity', texts(this.integrity));
  }

  text(): string {
    return this.secrecy.length + this.integrity.length ? this.toJson().stringify() : NO_LABELS;
  }
}

export function addTag(tags: string[], tag: string): void {
  if (!tags.includes(tag)) tags.push(tag);
}

function addAll(tags: string[], json: Json): void {
  for (let i = 0; i < json.items.length; i++) addTag(tags, json.items[i].text);
}

function texts(list: string[]): Json {
  return Json.array(list.map<Json>((text) => Json.string(text)));
}

// ---- Answers ----

/** Accepts a policy: `rules` may hold `agent` (labels to start with) and `mode`. */
export function agentAnswer(rules: Json): string {
  const mode = rules.at('mode');
  return Json.object()
    .set('agent', Labels.of(rules.at('agent')).toJson())
    .set('difc_mode', mode.kind == Kind.String ? mode : Json.string('strict'))
    .stringify();
}

/** Refuses a policy, or to label a call, and says why: the client is told, so that nothing but the policy and the call may stand in it. */
export function rejection(error: string): string {
  return Json.object().set('success', new Json(Kind.Boolean, 'false')).set('error', Json.string(error)).stringify();
}

export function resourceAnswer(description: string, labels: Labels, operation: string): string {
  const resource = labels.toJson().set('description', Json.string(description));
  return Json.object().set('resource', resource).set('operation', Json.string(operation)).stringify();
}

/**
 * Writes a long answer straight into the host's buffer and counts on where it is full: ten thousand items as values would
 * need more memory than a guard has.
 */
export class AnswerWriter {
  private byteLength: i32 = 0;
  private first: bool = true;

  constructor(private readonly pointer: usize, private readonly capacity: i32) {}

  /** JSON that is already text. */
  raw(json: string): AnswerWriter {
    const length = String.UTF8.byteLength(json);
    if (this.byteLength + length <= this.capacity) {
      String.UTF8.encodeUnsafe(changetype<usize>(json), json.length, this.pointer + this.byteLength, false, String.UTF8.ErrorMode.REPLACE);
    }
    this.byteLength += length;
    return this;
  }

  text(text: string): AnswerWriter {
    return this.raw(Json.string(text).stringify());
  }

  /** One entry of `labeled_paths`; `pointer` is a JSON Pointer. */
  labeledPath(pointer: string, labels: Labels): AnswerWriter {
    return this.comma().raw('{"path":').text(pointer).raw(',"labels":').raw(labels.text()).raw('}');
  }

  /** One entry of `items`, which repeats the data it labels. */
  labeledItem(data: string, labels: Labels): AnswerWriter {
    return this.comma().raw('{"data":').text(data).raw(',"labels":').raw(labels.text()).raw('}');
  }

  /** What the export returns. */
  end(): i32 {
    __collect();
    if (this.byteLength <= this.capacity) return this.byteLength;
    if (this.capacity >= 4) store<u32>(this.pointer, <u32>this.byteLength);
    return BUFFER_TOO_SMALL;
  }

  private comma(): AnswerWriter {
    if (!this.first) this.raw(',');
    this.first = false;
    return this;
  }
}

/** What is wrong with the keys that `agentAnswer` reads, or nothing. */
export function agentProblem(rules: Json): string {
  const agent = rules.at('agent');
  if (!agent.isNull && agent.kind != Kind.Object) return '"rules.agent" must be an object of labels';
  const mode = rules.at('mode');
  if (!mode.isNull && !['strict', 'filter', 'propagate'].includes(mode.text)) return '"rules.mode" must be "strict", "filter" or "propagate"';
  const unknown = unknownKey(agent, ['secrecy', 'integrity'], '"rules.agent"');
  return unknown == '' ? tagsProblem(agent, '"rules.agent') : unknown;
}

/** What is wrong with the tags of an object with labels, or nothing. `place` is where it stands, with an opening quote. */
export function tagsProblem(labels: Json, place: string): string {
  const names = ['secrecy', 'integrity'];
  for (let i = 0; i < names.length; i++) {
    const tags = labels.at(names[i]);
    if (!tags.isNull && !areTexts(tags)) return `${place}.${names[i]}" must be an array of tags`;
  }
  return '';
}

export function areTexts(list: Json): bool {
  if (list.kind != Kind.Array) return false;
  for (let i = 0; i < list.items.length; i++) if (list.items[i].kind != Kind.String) return false;
  return true;
}

/** What is wrong with the keys of a policy, or nothing. */
export function unknownKey(json: Json, known: string[], place: string): string {
  const keys = json.fields.keys();
  for (let i = 0; i < keys.length; i++) {
    if (!known.includes(keys[i])) return `unknown key "${keys[i]}" in ${place}; known: ${known.join(', ')}`;
  }
  return '';
}

// ---- Results of tools ----

/** The text of a result with exactly one text block; empty for any other. */
export function onlyText(result: Json): string {
  const content = result.at('content').items;
  let text = '';
  let found = 0;
  for (let i = 0; i < content.length; i++) {
    if (content[i].at('type').text != 'text') continue;
    text = content[i].at('text').text;
    found++;
  }
  return found == 1 ? text : '';
}

/** Whether a result says that the call failed. Any other word than `true` says nothing. */
export function isError(result: Json): bool {
  const said = result.at('isError');
  return said.kind == Kind.Boolean && said.text == 'true';
}

/** Whether a result is one text that holds no data: no list, no object, nothing beside it but its own copy. */
export function isPlainText(result: Json): bool {
  const content = result.at('content').items;
  if (content.length != 1 || content[0].at('type').text != 'text' || content[0].fields.size != 2) return false;
  if (unknownKey(result, ['content', 'isError', 'structuredContent', 'resultType'], '') != '') return false;
  const text = onlyText(result);
  if (text.includes('{') || text.includes('[')) return false;
  const structured = result.at('structuredContent');
  return structured.isNull || (structured.fields.size == 1 && structured.at('content').kind == Kind.String && structured.at('content').text == text);
}

/** The data of a result: its structured content, else the JSON in its only text, else the result as it is. */
export function payloadOf(result: Json): Json {
  const text = onlyText(result);
  const parsed = text.startsWith('{') || text.startsWith('[') ? Json.parse(text) : new Json(Kind.Invalid);
  const structured = result.at('structuredContent');
  const wrapsText = structured.at('content').kind == Kind.String && structured.fields.size == 1;
  if (structured.kind == Kind.Object && !wrapsText) return structured;
  if (parsed.kind != Kind.Invalid) return parsed;
  return result;
}
