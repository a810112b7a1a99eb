// A guard for @modelcontextprotocol/server-filesystem: folders carry secrecy tags, and so does every entry of a listing.
//
// Policy: { "allow-only": { "rules": { "folders": { "private": ["private:files"] }, "mode": "filter",
//           "agent": { "secrecy": [], "integrity": [] } } } }
import { Json, Kind } from '../../plugins/assembly/sdk';
import { Folders } from './folders';
import { agentAnswer, AnswerWriter, CANNOT_LABEL, Labels, onlyText, rejection, request, resourceAnswer, respond, unknownKey } from './guard-sdk';

export { alloc, dealloc } from './guard-sdk';

const READS: string[] = [
  'read_file', 'read_text_file', 'read_media_file', 'read_multiple_files', 'list_directory', 'list_directory_with_sizes',
  'directory_tree', 'search_files', 'get_file_info', 'list_allowed_directories', 'resources/read',
];
// Both answer with what the file held before.
const READ_WRITES: string[] = ['edit_file', 'move_file'];

let folders: Folders | null = null;

export function label_agent(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const policy = request(inPointer, inLength).at('allow-only');
  const rules = policy.at('rules');
  let problem = unknownKey(policy, ['rules'], '"allow-only"');
  if (problem == '') problem = unknownKey(rules, ['folders', 'mode', 'agent'], '"rules"');
  if (problem == '' && rules.at('folders').kind != Kind.Object) problem = '"rules.folders" must be an object: folder → array of tags';
  if (problem != '') return respond(rejection(problem), outPointer, capacity);
  folders = new Folders(rules.at('folders'));
  return respond(agentAnswer(rules), outPointer, capacity);
}

export function label_resource(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const known = folders;
  const call = request(inPointer, inLength);
  if (known === null || call.kind != Kind.Object) return CANNOT_LABEL;
  const tool = call.at('tool_name').text;
  const paths = pathsOf(call.at('tool_args'));
  const labels = new Labels();
  for (let i = 0; i < paths.length; i++) known.addTo(labels, paths[i]);
  const operation = READS.includes(tool) ? 'read' : READ_WRITES.includes(tool) ? 'read-write' : 'write';
  return respond(resourceAnswer(`${tool} on files`, labels, operation), outPointer, capacity);
}

export function label_response(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const known = folders;
  const call = request(inPointer, inLength);
  if (known === null || call.kind != Kind.Object) return CANNOT_LABEL;
  const tool = call.at('tool_name').text;
  const result = call.at('tool_result');
  if (result.at('isError').text == 'true') return 0;
  const text = onlyText(result);
  const root = call.at('tool_args').at('path').text;
  if (text == '') return 0;
  const answer = new AnswerWriter(outPointer, capacity);
  if (tool == 'directory_tree') return labelTree(text, root, known, answer).end();
  if (tool != 'search_files' && !tool.startsWith('list_directory')) return 0;
  const lines = text.split('\n');
  answer.raw('{"items":[');
  for (let i = 0; i < lines.length; i++) {
    const path = tool == 'search_files' ? lines[i] : listed(lines[i], root, tool.endsWith('_with_sizes'));
    answer.labeledItem(lines[i], known.labelsOf(path));
  }
  return answer.raw(']}').end();
}

/** Every argument that may name a file. */
function pathsOf(args: Json): string[] {
  const paths: string[] = [];
  const names = ['path', 'source', 'destination', 'uri'];
  for (let i = 0; i < names.length; i++) {
    if (args.at(names[i]).kind == Kind.String) paths.push(args.at(names[i]).text);
  }
  const several = args.at('paths').items;
  for (let i = 0; i < several.length; i++) paths.push(several[i].text);
  return paths;
}

/** The path in a line such as `[FILE] notes.txt`, with its size behind it where sizes are listed; else the folder. */
function listed(line: string, root: string, sized: bool): string {
  const isFolder = line.startsWith('[DIR] ');
  if (!isFolder && !line.startsWith('[FILE] ')) return root;
  let entry = line.substring(isFolder ? 6 : 7).trimEnd();
  if (sized && !isFolder) {
    // `notes.txt            1.20 KB`: the unit and the number are the last two words
    entry = entry.substring(0, entry.lastIndexOf(' ')).trimEnd();
    entry = entry.substring(0, entry.lastIndexOf(' ')).trimEnd();
  }
  return `${root}/${entry}`;
}

function labelTree(text: string, root: string, known: Folders, answer: AnswerWriter): AnswerWriter {
  answer.raw('{"items_path":"","default_labels":').raw(known.labelsOf(root).text()).raw(',"labeled_paths":[');
  labelEntries(Json.parse(text), root, '', known, answer);
  return answer.raw(']}');
}

function labelEntries(entries: Json, folder: string, pointer: string, known: Folders, answer: AnswerWriter): void {
  for (let i = 0; i < entries.items.length; i++) {
    const entry = entries.items[i];
    const path = `${folder}/${entry.at('name').text}`;
    const place = `${pointer}/${i}`;
    answer.labeledPath(place, known.labelsOf(path));
    labelEntries(entry.at('children'), path, `${place}/children`, known, answer);
  }
}
