// A guard without a server of its own: its policy is a list of rules that say what labels a call and its answer carry.
//
// Policy: { "allow-only": { "rules": { "mode": "filter", "agent": {…labels}, "calls": [ {
//   "tool": "get_*",                        a star stands for any text
//   "args": { "owner": "acme*" },           all of them must match; numbers and booleans are compared as text
//   "operation": "read",                    read, write (default) or read-write
//   "secrecy": ["private:{owner}"],        {name} is an argument of the call
//   "integrity": [],
//   "items": { "path": "/items", "rules": [ { "match": { "private": "true" }, "secrecy": ["private:{name}"] } ] }
// } ] } } }
//
// The first rule that matches counts. A call that no rule matches cannot be labelled, and the gateway denies it.
import { Json, Kind } from '../../plugins/assembly/sdk';
import { agentAnswer, AnswerWriter, CANNOT_LABEL, Labels, payloadOf, rejection, request, resourceAnswer, respond, unknownKey } from './guard-sdk';

export { alloc, dealloc } from './guard-sdk';

let calls: Json[] = [];

export function label_agent(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const policy = request(inPointer, inLength).at('allow-only');
  const rules = policy.at('rules');
  const problem = problemWith(policy, rules);
  if (problem != '') return respond(rejection(problem), outPointer, capacity);
  calls = rules.at('calls').items;
  return respond(agentAnswer(rules), outPointer, capacity);
}

export function label_resource(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const call = request(inPointer, inLength);
  const rule = ruleFor(call);
  if (rule === null) return CANNOT_LABEL;
  const operation = rule.at('operation').kind == Kind.String ? rule.at('operation').text : 'write';
  const labels = filledIn(rule, call.at('tool_args'));
  return respond(resourceAnswer(call.at('tool_name').text, labels, operation), outPointer, capacity);
}

export function label_response(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const call = request(inPointer, inLength);
  const rule = ruleFor(call);
  if (rule === null) return CANNOT_LABEL;
  const items = rule.at('items');
  if (items.isNull) return 0;
  const path = items.at('path').text;
  const list = follow(payloadOf(call.at('tool_result')), path);
  if (list.kind != Kind.Array) return 0; // no list, no finer labels: the resource's speak for the whole answer
  const answer = new AnswerWriter(outPointer, capacity).raw('{"items_path":').text(path).raw(',"labeled_paths":[');
  for (let i = 0; i < list.items.length; i++) {
    const labels = labelsOfItem(items.at('rules').items, list.items[i]);
    if (labels !== null) answer.labeledPath(`${path}/${i}`, labels);
  }
  return answer.raw(']}').end();
}

function problemWith(policy: Json, rules: Json): string {
  const outer = unknownKey(policy, ['rules'], '"allow-only"');
  if (outer != '') return outer;
  const inner = unknownKey(rules, ['mode', 'agent', 'calls'], '"rules"');
  if (inner != '') return inner;
  if (rules.at('calls').kind != Kind.Array) return '"rules.calls" must be an array of rules';
  const list = rules.at('calls').items;
  for (let i = 0; i < list.length; i++) {
    const known = ['tool', 'args', 'operation', 'secrecy', 'integrity', 'items'];
    const problem = unknownKey(list[i], known, `"rules.calls[${i}]"`);
    if (problem != '') return problem;
    if (list[i].at('tool').kind != Kind.String) return `"rules.calls[${i}].tool" must be a pattern such as "get_*"`;
  }
  return '';
}

function ruleFor(call: Json): Json | null {
  const tool = call.at('tool_name').text;
  const args = call.at('tool_args');
  for (let i = 0; i < calls.length; i++) {
    if (matches(calls[i].at('tool').text, tool) && matchesAll(calls[i].at('args'), args)) return calls[i];
  }
  return null;
}

/** The labels of the first item rule that matches; null where none does, and the item gets the resource's labels. */
function labelsOfItem(rules: Json[], item: Json): Labels | null {
  for (let i = 0; i < rules.length; i++) {
    if (matchesAll(rules[i].at('match'), item)) return filledIn(rules[i], item);
  }
  return null;
}

function matchesAll(patterns: Json, values: Json): bool {
  const names = patterns.fields.keys();
  for (let i = 0; i < names.length; i++) {
    const value = follow(values, pointerTo(names[i]));
    if (value.isNull || !matches(patterns.at(names[i]).text, value.text)) return false;
  }
  return true;
}

/** Whether a text fits a pattern in which a star stands for any text. */
function matches(pattern: string, text: string): bool {
  const parts = pattern.split('*');
  if (parts.length == 1) return pattern == text;
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (let i = 1; i < parts.length - 1; i++) {
    const found = text.indexOf(parts[i], at);
    if (found < 0) return false;
    at = found + parts[i].length;
  }
  const last = parts[parts.length - 1];
  return text.length - at >= last.length && text.endsWith(last);
}

/** A rule's labels with every `{name}` replaced by that value. */
function filledIn(rule: Json, values: Json): Labels {
  const labels = new Labels();
  fill(labels.secrecy, rule.at('secrecy').items, values);
  fill(labels.integrity, rule.at('integrity').items, values);
  return labels;
}

function fill(tags: string[], patterns: Json[], values: Json): void {
  for (let i = 0; i < patterns.length; i++) {
    const parts = patterns[i].text.split('{');
    let tag = parts[0];
    for (let p = 1; p < parts.length; p++) {
      const end = parts[p].indexOf('}');
      const name = end < 0 ? parts[p] : parts[p].substring(0, end);
      tag += follow(values, pointerTo(name)).text + (end < 0 ? '' : parts[p].substring(end + 1));
    }
    tags.push(tag);
  }
}

/** `owner` is a field; `/owner/login` is a JSON Pointer. */
function pointerTo(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** The value a JSON Pointer leads to; null where it leads nowhere. */
function follow(root: Json, pointer: string): Json {
  let value = root;
  const tokens = pointer.split('/');
  for (let i = 1; i < tokens.length; i++) {
    const token = tokens[i].replaceAll('~1', '/').replaceAll('~0', '~');
    if (value.kind == Kind.Array) {
      const index = I32.parseInt(token);
      value = index >= 0 && index < value.items.length ? value.items[index] : Json.parse('null');
    } else value = value.at(token);
  }
  return value;
}
