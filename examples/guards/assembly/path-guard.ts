// A guard for @modelcontextprotocol/server-filesystem: folders carry secrecy tags, and so does every entry of a listing.
//
// Policy: { "allow-only": { "rules": { "roots": ["/home/ann/notes"], "folders": { "private": ["private:files"] },
//           "mode": "filter", "agent": { "secrecy": [], "integrity": [] } } } }
//
// It knows absolute, normalised paths below its roots, and the server's tools with all their arguments. What it does not know it cannot label, and the
// gateway denies it. Symbolic links are not seen: paths are compared as text.
import { Json, Kind } from '../assemblyscript/assembly/sdk';
import { operationOf, pathsOf, whyUnknown } from './file-tools';
import { Folders } from './folders';
import { agentAnswer, agentProblem, AnswerWriter, CANNOT_LABEL, isError, isPlainText, Labels, onlyText, rejection, request, resourceAnswer, respond, unknownKey } from '../assemblyscript/assembly/guard-sdk';
import { allRoots, isName, setRoots } from './known-paths';

export { alloc, dealloc } from '../assemblyscript/assembly/guard-sdk';

// How the server says that it may not show where a link leads, for one file of several; and what it says of an edit that does not fit.
const FAILED = ': Error - ';
const NO_SUCH_TEXT = 'Could not find exact match for edit:';

let folders: Folders | null = null;

export function label_agent(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const policy = request(inPointer, inLength).at('allow-only');
  const rules = policy.at('rules');
  const given = new Folders();
  folders = null;
  let problem = unknownKey(policy, ['rules'], '"allow-only"');
  if (problem == '') problem = unknownKey(rules, ['roots', 'folders', 'mode', 'agent'], '"rules"');
  if (problem == '') problem = setRoots(rules.at('roots'));
  if (problem == '') problem = given.add(rules.at('folders'));
  if (problem == '') problem = agentProblem(rules);
  if (problem != '') return respond(rejection(problem), outPointer, capacity);
  folders = given;
  return respond(agentAnswer(rules), outPointer, capacity);
}

export function label_resource(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const known = folders;
  const call = request(inPointer, inLength);
  if (known === null || call.kind != Kind.Object) return CANNOT_LABEL;
  const tool = call.at('tool_name').text;
  const paths = pathsOf(tool, call.at('tool_args'));
  if (paths === null) return respond(rejection(whyUnknown()), outPointer, capacity);
  const named = paths.length ? paths : allRoots();
  const labels = new Labels();
  for (let i = 0; i < named.length; i++) known.addTo(labels, named[i]);
  if (tool == 'move_file' && !keepsLabels(known, paths)) {
    return respond(rejection('path-guard moves nothing to where other labels hold, and no folder with a rule inside'), outPointer, capacity);
  }
  return respond(resourceAnswer(`${tool} on files`, labels, operationOf(tool)), outPointer, capacity);
}

export function label_response(inPointer: usize, inLength: usize, outPointer: usize, capacity: i32): i32 {
  const known = folders;
  const call = request(inPointer, inLength);
  if (known === null || call.kind != Kind.Object) return CANNOT_LABEL;
  const tool = call.at('tool_name').text;
  const paths = pathsOf(tool, call.at('tool_args'));
  if (paths === null) return CANNOT_LABEL;
  const result = call.at('tool_result');
  const text = onlyText(result);
  // What follows an edit that does not fit is what the client sent, so that it may hold anything.
  if (isError(result)) return isErrorOf(tool, result, text) && !tellsOfOthers(text, paths) ? 0 : CANNOT_LABEL;
  if (text == '') return 0;
  const lines = text.split('\n');
  if (tool == 'read_multiple_files') return hasFailedElsewhere(lines, paths) ? CANNOT_LABEL : 0;
  const answer = new AnswerWriter(outPointer, capacity);
  if (tool == 'directory_tree') {
    const tree = Json.parse(text);
    return tree.kind == Kind.Array ? labelTree(tree, paths[0], known, answer).end() : CANNOT_LABEL;
  }
  if (tool != 'search_files' && !tool.startsWith('list_directory')) return 0;
  answer.raw('{"items":[');
  for (let i = 0; i < lines.length; i++) {
    const path = tool == 'search_files' ? found(lines[i], paths[0]) : listed(lines, i, paths[0], tool.endsWith('_with_sizes'));
    answer.labeledItem(lines[i], known.labelsOf(path));
  }
  return answer.raw(']}').end();
}

/** Whether an error is one in words: a listing that is called an error names files that have labels of their own. */
function isErrorOf(tool: string, result: Json, text: string): bool {
  return isPlainText(result) || (tool == 'edit_file' && text.startsWith(NO_SUCH_TEXT));
}

/** Whether what is moved has the same tags before and after, also in folders inside it: one label cannot say "read here, write there". */
function keepsLabels(known: Folders, paths: string[]): bool {
  if (known.mayLieInside(paths[0]) || known.mayLieInside(paths[1])) return false;
  return known.labelsOf(paths[0]).text() == known.labelsOf(paths[1]).text();
}

/** The path in a line such as `[FILE] notes.txt`, with its size behind it where sizes are listed. Empty, and so not known, for other lines. */
function listed(lines: string[], index: i32, folder: string, sized: bool): string {
  const line = lines[index];
  if (sized && index >= lines.length - 3 && (line == '' || line.startsWith('Total: ') || line.startsWith('Combined size: '))) return folder;
  const isFolder = line.startsWith('[DIR] ');
  if (!isFolder && !line.startsWith('[FILE] ')) return '';
  let entry = line.substring(isFolder ? 6 : 7);
  if (sized) entry = entry.trimEnd();
  if (sized && !isFolder) {
    // `notes.txt            1.20 KB`: the unit and the number are the last two words
    entry = entry.substring(0, entry.lastIndexOf(' ')).trimEnd();
    entry = entry.substring(0, entry.lastIndexOf(' ')).trimEnd();
  }
  return below(folder, entry);
}

function found(line: string, folder: string): string {
  return line == 'No matches found' ? folder : line;
}

/** A path below a folder, or what is known of nothing. */
function below(folder: string, name: string): string {
  if (folder == '' || !isName(name)) return '';
  return folder == '/' ? `/${name}` : `${folder}/${name}`;
}

function labelTree(tree: Json, folder: string, known: Folders, answer: AnswerWriter): AnswerWriter {
  answer.raw('{"items_path":"","default_labels":').raw(known.labelsOf(folder).text()).raw(',"labeled_paths":[');
  labelEntries(tree, folder, '', known, answer);
  return answer.raw(']}');
}

function labelEntries(entries: Json, folder: string, pointer: string, known: Folders, answer: AnswerWriter): void {
  for (let i = 0; i < entries.items.length; i++) {
    const entry = entries.items[i];
    const path = below(folder, entry.at('name').text);
    const place = `${pointer}/${i}`;
    answer.labeledPath(place, known.labelsOf(path));
    labelEntries(entry.at('children'), path, `${place}/children`, known, answer);
  }
}

function hasFailedElsewhere(lines: string[], paths: string[]): bool {
  for (let i = 0; i < lines.length; i++) {
    const at = lines[i].indexOf(FAILED);
    if (at >= 0 && paths.includes(lines[i].substring(0, at)) && tellsOfOthers(lines[i].substring(at), paths)) return true;
  }
  return false;
}

/** Whether an error names any path but those of the call and the folders they are in, such as where a symbolic link leads. */
function tellsOfOthers(error: string, paths: string[]): bool {
  if (error.startsWith(NO_SUCH_TEXT)) return false; // what follows is what the client sent
  for (let at = error.indexOf('/'); at >= 0; ) {
    const length = lengthOfKnown(error, at, paths);
    if (length == 0) return true;
    at = error.indexOf('/', at + length);
  }
  return error == '';
}

function lengthOfKnown(error: string, at: i32, paths: string[]): i32 {
  for (let i = 0; i < paths.length; i++) {
    for (let path = paths[i]; path != ''; path = path.substring(0, path.lastIndexOf('/'))) {
      const end = at + path.length;
      const isWhole = end == error.length || `'",:\n`.includes(error.charAt(end));
      if (isWhole && error.substring(at, end) == path) return path.length;
    }
  }
  return 0;
}
