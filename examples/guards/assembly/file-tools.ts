// The tools of @modelcontextprotocol/server-filesystem and the two requests of resources: what they do, and every argument they take.
import { Json, Kind } from '../assemblyscript/assembly/sdk';
import { areTexts } from '../assemblyscript/assembly/guard-sdk';
import { allRoots, namesIn } from './known-paths';

// No tool only writes: each answers with what is there, be it what a file held before or, as an error, where a link leads.
const TOOLS = Json.parse(`{
  "read_file": { "does": "read", "args": { "path": "path", "head": "number", "tail": "number" } },
  "read_text_file": { "does": "read", "args": { "path": "path", "head": "number", "tail": "number" } },
  "read_media_file": { "does": "read", "args": { "path": "path" } },
  "read_multiple_files": { "does": "read", "args": { "paths": "paths" } },
  "list_directory": { "does": "read", "args": { "path": "path" } },
  "list_directory_with_sizes": { "does": "read", "args": { "path": "path", "sortBy": "text" } },
  "directory_tree": { "does": "read", "args": { "path": "path", "excludePatterns": "texts" } },
  "search_files": { "does": "read", "args": { "path": "path", "pattern": "text", "excludePatterns": "texts" } },
  "get_file_info": { "does": "read", "args": { "path": "path" } },
  "list_allowed_directories": { "does": "read", "args": {} },
  "write_file": { "does": "read-write", "args": { "path": "path", "content": "text" } },
  "create_directory": { "does": "read-write", "args": { "path": "path" } },
  "edit_file": { "does": "read-write", "args": { "path": "path", "edits": "edits", "dryRun": "flag" } },
  "move_file": { "does": "read-write", "args": { "source": "path", "destination": "path" } },
  "resources/read": { "does": "read", "args": { "uri": "uri" } },
  "resources/subscribe": { "does": "read-write", "args": { "uri": "uri" } }
}`);

/** What a tool does, as an operation of labels; empty for one that is not known. */
export function operationOf(tool: string): string {
  return TOOLS.at(tool).at('does').text;
}

let problem = '';

/** Why the last call named no paths. */
export function whyUnknown(): string {
  return `path-guard ${problem}`;
}

function unknown(why: string): string[] | null {
  problem = why;
  return null;
}

/** The paths that a call names; null where it has an argument that is not known, or of another kind, or names no path that it has to. */
export function pathsOf(tool: string, args: Json): string[] | null {
  const known = TOOLS.at(tool).at('args');
  if (known.kind != Kind.Object) return unknown(`knows no tool "${tool}"`);
  if (args.kind != Kind.Object) return unknown('needs arguments that are an object');
  const given = args.fields.keys();
  for (let i = 0; i < given.length; i++) if (known.at(given[i]).isNull) return unknown(`knows no argument "${given[i]}" of "${tool}"`);
  const paths: string[] = [];
  const names = known.fields.keys();
  for (let i = 0; i < names.length; i++) {
    const kind = known.at(names[i]).text;
    const value = args.at(names[i]);
    if (kind == 'path' || kind == 'uri') {
      if (value.kind != Kind.String) return unknown(`needs "${names[i]}", a text`);
      paths.push(kind == 'path' ? value.text : pathOf(value.text));
    } else if (kind == 'paths') {
      if (!areTexts(value) || value.items.length == 0) return unknown(`needs "${names[i]}", an array of texts`);
      for (let p = 0; p < value.items.length; p++) paths.push(value.items[p].text);
    } else if (args.fields.has(names[i]) && !isOf(kind, value)) return unknown(`takes no such value for "${names[i]}"`);
  }
  for (let i = 0; i < paths.length; i++) {
    if (namesIn(paths[i]) !== null) continue;
    const roots = allRoots().join(' or ');
    const asked = args.at('uri').kind == Kind.String ? args.at('uri').text : paths[i];
    return unknown(`knows no path "${asked}"; give an absolute path below ${roots}, without "." and "..", in ASCII`);
  }
  return paths;
}

/** The path of a `file:` URI without escapes, since each could be written in several ways. Empty, and so not known, for any other. */
function pathOf(uri: string): string {
  return uri.startsWith('file:///') ? uri.substring(7) : '';
}

function isOf(kind: string, value: Json): bool {
  if (kind == 'number') return value.kind == Kind.Number;
  if (kind == 'flag') return value.kind == Kind.Boolean;
  if (kind == 'text') return value.kind == Kind.String;
  if (kind == 'texts') return areTexts(value);
  if (value.kind != Kind.Array) return false;
  for (let i = 0; i < value.items.length; i++) {
    const edit = value.items[i];
    if (edit.at('oldText').kind != Kind.String || edit.at('newText').kind != Kind.String || edit.fields.size != 2) return false;
  }
  return true;
}
