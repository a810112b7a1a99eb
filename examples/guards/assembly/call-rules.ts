// The rules of label-config's policy: what may stand in them.
import { Json, Kind } from '../assemblyscript/assembly/sdk';
import { tagsProblem, unknownKey } from '../assemblyscript/assembly/guard-sdk';

/** What is wrong with a list of rules, or nothing. A rule that would be overlooked could be the one that protects something. */
export function rulesProblem(calls: Json): string {
  if (calls.kind != Kind.Array) return '"rules.calls" must be an array of rules';
  for (let i = 0; i < calls.items.length; i++) {
    const problem = ruleProblem(calls.items[i], `"rules.calls[${i}]`);
    if (problem != '') return problem;
  }
  return '';
}

/** The lists of an answer with labels of their own, whether the rule has one or several. */
export function listsOf(rule: Json): Json[] {
  const items = rule.at('items');
  return items.kind == Kind.Array ? items.items : items.isNull ? [] : [items];
}

function ruleProblem(rule: Json, place: string): string {
  let problem = unknownKey(rule, ['tool', 'args', 'operation', 'secrecy', 'integrity', 'items', 'spelling'], `${place}"`);
  if (problem == '' && rule.kind != Kind.Object) problem = `${place}" must be an object`;
  if (problem == '' && (rule.at('tool').kind != Kind.String || rule.at('tool').text == '')) {
    problem = `${place}.tool" must be a pattern such as "get_*"`;
  }
  if (problem == '') problem = matchProblem(rule, 'args', place);
  const operation = rule.at('operation');
  if (problem == '' && !operation.isNull && !['read', 'write', 'read-write'].includes(operation.text)) {
    problem = `${place}.operation" must be "read", "write" or "read-write"`;
  }
  const lists = listsOf(rule);
  for (let i = 0; problem == '' && i < lists.length; i++) problem = listProblem(lists[i], `${place}.items`);
  return problem;
}

function listProblem(list: Json, place: string): string {
  let problem = unknownKey(list, ['path', 'rules'], `${place}"`);
  const path = list.at('path');
  if (problem == '' && (path.kind != Kind.String || (path.text != '' && !path.text.startsWith('/')))) {
    problem = `${place}.path" must be a JSON Pointer`;
  }
  if (problem == '' && list.at('rules').kind != Kind.Array) problem = `${place}.rules" must be an array of rules`;
  const rules = list.at('rules').items;
  for (let i = 0; problem == '' && i < rules.length; i++) {
    const at = `${place}.rules[${i}]`;
    problem = unknownKey(rules[i], ['match', 'secrecy', 'integrity', 'spelling'], `${at}"`);
    if (problem == '') problem = matchProblem(rules[i], 'match', at);
  }
  return problem;
}

/** What calls and items are matched by, and the labels that they get. */
function matchProblem(rule: Json, key: string, place: string): string {
  const patterns = rule.at(key);
  if (!patterns.isNull && patterns.kind != Kind.Object) return `${place}.${key}" must be an object: name → pattern`;
  const names = patterns.fields.keys();
  for (let i = 0; i < names.length; i++) {
    const kind = patterns.at(names[i]).kind;
    if (kind == Kind.String || kind == Kind.Number || kind == Kind.Boolean) continue;
    return `${place}.${key}.${names[i]}" must be a text with or without stars, a number, true or false`;
  }
  const spelling = rule.at('spelling');
  if (!spelling.isNull && spelling.text != 'exact' && spelling.text != 'loose') return `${place}.spelling" must be "exact" or "loose"`;
  return tagsProblem(rule, place);
}
