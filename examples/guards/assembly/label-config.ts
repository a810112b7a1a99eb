// A guard without a server of its own: its policy is a list of rules that say what labels a call and its answer carry.
//
// Policy: { "allow-only": { "rules": { "mode": "filter", "agent": {…labels}, "calls": [ {
//   "tool": "get_*",                        a star stands for any text
//   "args": { "owner": "acme*" },           all of them must match: a text, a number, true or false, and an argument of that kind
//   "spelling": "loose",                    "ACME" and " acme" match as well; "exact": they do not. Without it they are denied
//   "operation": "read",                    read, write or read-write (default)
//   "secrecy": ["private:{owner}"],         {name} is an argument of the call
//   "integrity": [],
//   "items": { "path": "/items", "rules": [ { "match": { "private": true }, "secrecy": ["private:{name}"] } ] }   or an array of these
// } ] } } }
//
// The first rule that matches counts. A call that no rule matches cannot be labelled, nor one with an argument of another kind than a rule's, and the
// gateway denies it.
import { Json, Kind } from '../assemblyscript/assembly/sdk';
import { listsOf, rulesProblem } from './call-rules';
import {
  agentAnswer, agentProblem, AnswerWriter, CANNOT_LABEL, isError, isPlainText, Labels, payloadOf, rejection, request, resourceAnswer, respond, unknownKey,
} from '../assemblyscript/assembly/guard-sdk';
import { Fit, fitsAll, follow, matches } from './values';

export { alloc, dealloc } from '../assemblyscript/assembly/guard-sdk';

const NOTHING = Json.object();

let calls: Json[] = [];

export function label_agent(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const policy = request(inPointer, inLength).at('allow-only');
  const rules = policy.at('rules');
  calls = [];
  let problem = unknownKey(policy, ['rules'], '"allow-only"');
  if (problem == '') problem = unknownKey(rules, ['mode', 'agent', 'calls'], '"rules"');
  if (problem == '') problem = agentProblem(rules);
  if (problem == '') problem = rulesProblem(rules.at('calls'));
  if (problem != '') return respond(rejection(problem), outPointer, capacity);
  calls = rules.at('calls').items;
  return respond(agentAnswer(rules), outPointer, capacity);
}

export function label_resource(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const call = request(inPointer, inLength);
  const rule = ruleFor(call);
  if (rule === null) return respond(rejection(`label-config has no rule that surely fits this call of "${call.at('tool_name').text}"`), outPointer, capacity);
  const operation = rule.at('operation').isNull ? 'read-write' : rule.at('operation').text;
  const labels = filledIn(rule, call.at('tool_args'));
  if (labels === null) return respond(rejection('label-config lacks an argument that a tag is filled in from'), outPointer, capacity);
  return respond(resourceAnswer(call.at('tool_name').text, labels, operation), outPointer, capacity);
}

export function label_response(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const call = request(inPointer, inLength);
  const rule = ruleFor(call);
  if (rule === null) return CANNOT_LABEL;
  const lists = listsOf(rule);
  const result = call.at('tool_result');
  if (lists.length == 0) return 0;
  const payload = payloadOf(result);
  if (isError(result) && !hasLists(lists, payload)) return labelError(rule, call.at('tool_args'), result, outPointer, capacity);
  const answer = new AnswerWriter(outPointer, capacity).raw('{');
  if (lists.length == 1) answer.raw('"items_path":').text(lists[0].at('path').text).raw(',');
  answer.raw('"labeled_paths":[');
  for (let i = 0; i < lists.length; i++) if (!labelList(lists[i], payload, answer)) return CANNOT_LABEL;
  return answer.raw(']}').end();
}

function hasLists(lists: Json[], payload: Json): bool {
  for (let i = 0; i < lists.length; i++) if (follow(payload, lists[i].at('path').text).kind != Kind.Array) return false;
  return true;
}

/** An error in plain words has the labels of the call. One that may hold data holds any of the items', and no integrity. */
function labelError(rule: Json, args: Json, result: Json, outPointer: usize, capacity: i32): i32 {
  if (isPlainText(result)) return 0;
  const labels = filledIn(rule, args);
  if (labels === null) return CANNOT_LABEL;
  const lists = listsOf(rule);
  for (let i = 0; i < lists.length; i++) {
    const rules = lists[i].at('rules').items;
    // A tag with a name in it could be any.
    for (let r = 0; r < rules.length; r++) if (!fill(labels.secrecy, rules[r].at('secrecy').items, NOTHING)) return CANNOT_LABEL;
  }
  labels.integrity.length = 0;
  return respond(`{"labeled_paths":[{"path":"","labels":${labels.text()}}]}`, outPointer, capacity);
}

/** The first rule that matches; null where none does, or where one may. */
function ruleFor(call: Json): Json | null {
  const tool = call.at('tool_name').text;
  const args = call.at('tool_args');
  if (args.kind != Kind.Object) return null;
  for (let i = 0; i < calls.length; i++) {
    if (!matches(calls[i].at('tool').text, tool)) continue;
    const fit = fitsAll(calls[i].at('args'), args, calls[i].at('spelling').text);
    if (fit == Fit.Yes) return calls[i];
    if (fit == Fit.Unclear) return null;
  }
  return null;
}

/** Labels the elements of one list. False where there is no such list, or where an element cannot be labelled. */
function labelList(list: Json, payload: Json, answer: AnswerWriter): bool {
  const path = list.at('path').text;
  const elements = follow(payload, path);
  if (elements.kind != Kind.Array) return false;
  const rules = list.at('rules').items;
  for (let i = 0; i < elements.items.length; i++) {
    const item = elements.items[i];
    for (let r = 0; r < rules.length; r++) {
      const fit = fitsAll(rules[r].at('match'), item, rules[r].at('spelling').text);
      if (fit == Fit.No) continue;
      const labels = fit == Fit.Yes ? filledIn(rules[r], item) : null;
      if (labels === null) return false;
      answer.labeledPath(`${path}/${i}`, labels);
      break; // an item that no rule matches gets the resource's labels
    }
  }
  return true;
}

/** A rule's labels with every `{name}` replaced by that value; null where one is no text, number, true or false. */
function filledIn(rule: Json, values: Json): Labels | null {
  const labels = new Labels();
  const filled = fill(labels.secrecy, rule.at('secrecy').items, values) && fill(labels.integrity, rule.at('integrity').items, values);
  return filled ? labels : null;
}

function fill(tags: string[], patterns: Json[], values: Json): bool {
  for (let i = 0; i < patterns.length; i++) {
    const parts = patterns[i].text.split('{');
    let tag = parts[0];
    for (let p = 1; p < parts.length; p++) {
      const end = parts[p].indexOf('}');
      const value = follow(values, end < 0 ? parts[p] : parts[p].substring(0, end));
      if (value.kind != Kind.String && value.kind != Kind.Number && value.kind != Kind.Boolean) return false;
      tag += value.text + (end < 0 ? '' : parts[p].substring(end + 1));
    }
    tags.push(tag);
  }
  return true;
}
