// A complete guard for @modelcontextprotocol/server-memory, which keeps entities, each with a type of the writer's choice:
// those of the type "public" are for everybody, and all else is for agents that carry the tag "private:memory".
//
// Policy: { "allow-only": { "rules": { "mode": "filter", "agent": { "secrecy": ["private:memory"] } } } }
import {
  agentAnswer,
  agentProblem,
  AnswerWriter,
  CANNOT_LABEL,
  isError,
  Labels,
  payloadOf,
  rejection,
  request,
  resourceAnswer,
  respond,
  unknownKey,
} from './guard-sdk';
import { Kind } from './sdk';

export { alloc, dealloc } from './guard-sdk';

const READS = ['read_graph', 'search_nodes', 'open_nodes'];
const WRITES = [
  'create_entities',
  'create_relations',
  'add_observations',
  'delete_entities',
  'delete_observations',
  'delete_relations',
];

/** What the agent carries from the start, as its policy says. A key that the guard does not know is a mistake, not a wish. */
export function label_agent(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const policy = request(inPointer, inLength).at('allow-only');
  const rules = policy.at('rules');
  let problem = unknownKey(policy, ['rules'], '"allow-only"');
  if (problem == '') problem = unknownKey(rules, ['mode', 'agent'], '"rules"');
  if (problem == '') problem = agentProblem(rules);
  return respond(problem == '' ? agentAnswer(rules) : rejection(problem), outPointer, capacity);
}

/** What a call reads or writes. A guard that does not know a tool says so: then nothing passes. */
export function label_resource(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const tool = request(inPointer, inLength).at('tool_name').text;
  if (!READS.includes(tool) && !WRITES.includes(tool)) {
    return respond(rejection(`memory-guard does not know the tool "${tool}"`), outPointer, capacity);
  }
  const operation = READS.includes(tool) ? 'read' : 'write';
  return respond(resourceAnswer('the memory', confidential(), operation), outPointer, capacity);
}

/** Finer labels for the parts of an answer. Asked after reads only; 0 bytes say that the labels of the call hold. */
export function label_response(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const result = request(inPointer, inLength).at('tool_result');
  if (isError(result)) return 0;
  const entities = payloadOf(result).at('entities');
  if (entities.kind != Kind.Array) return CANNOT_LABEL;
  const answer = new AnswerWriter(outPointer, capacity).raw('{"items_path":"/entities","labeled_paths":[');
  for (let i = 0; i < entities.items.length; i++) {
    const isPublic = entities.items[i].at('entityType').text == 'public';
    answer.labeledPath(`/entities/${i}`, isPublic ? new Labels() : confidential());
  }
  return answer.raw(']}').end();
}

function confidential(): Labels {
  const labels = new Labels();
  labels.secrecy.push('private:memory');
  return labels;
}
