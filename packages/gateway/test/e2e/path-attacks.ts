/** One input for the file server: arguments as a value, or as the text of JSON where a value cannot say it. */
export interface Attack {
  readonly what: string;
  readonly tool: string;
  readonly args: unknown;
  readonly text?: string;
  /** Whoever carries the tag may do this: in propagate mode it is given, and taints. */
  readonly forTagged?: boolean;
}

/** What the folder under attack holds beside open notes: secrets in contents and in names. */
export const SECRETS = {
  'private/diary.txt': 'MARKER-CONTENT',
  'private/MARKER-NAME.txt': 'MARKER-CONTENT',
  'Kelvin/degrees.txt': 'MARKER-CONTENT',
} as const;

/**
 * Ways to the secrets below `root`, which is the server's working directory and its HOME as well. `link-out` leads to a file outside whose name is a
 * secret.
 */
export function pathAttacks(root: string): readonly Attack[] {
  const secret = `${root}/private/diary.txt`;
  const notes = `${root}/notes.txt`;
  const backslashed = secret.replaceAll('/', '\\');
  const last = root.slice(root.lastIndexOf('/') + 1);
  const spellings: Record<string, string> = {
    'a relative path': 'private/diary.txt',
    'a relative path with a dot': './private/diary.txt',
    'a relative path through another folder': 'sub/../private/diary.txt',
    'a relative path over its parent': `../${last}/private/diary.txt`,
    'a path from home': '~/private/diary.txt',
    'home in the middle': `${root}/~/../private/diary.txt`,
    'the home of somebody': '~root/private/diary.txt',
    'a variable': '$HOME/private/diary.txt',
    'a variable in braces': ['$', '{HOME}/private/diary.txt'].join(''),
    'a dot': `${root}/./private/diary.txt`,
    'a dot at the end': `${secret}/.`,
    'two dots': `${root}/sub/../private/diary.txt`,
    'two dots that stay inside': `${root}/private/../private/diary.txt`,
    'two dots at the top': `/..${secret}`,
    'three dots': `${root}/.../private/diary.txt`,
    'two slashes': `${root}//private/diary.txt`,
    'two slashes at the front': `/${secret}`,
    'two slashes at the end': `${root}/private//diary.txt`,
    'a slash behind a file': `${secret}/`,
    'NUL and a way out': `${root}/notes.txt\0/../private/diary.txt`,
    'NUL at the end': `${secret}\0`,
    'NUL and another ending': `${secret}\0.png`,
    'a letter as percent': `${root}/priv%61te/diary.txt`,
    'a slash as percent': `${root}/sub/..%2fprivate/diary.txt`,
    'percent twice': `${root}/priv%2561te/diary.txt`,
    'a URI': `file://${secret}`,
    'a URI with a host': `file://localhost${secret}`,
    'a URI with percent': `file://${root}/priv%61te/diary.txt`,
    'a short URI': `file:${secret}`,
    'another Unicode form of a letter': `${root}/\u212Aelvin/degrees.txt`,
    'wide letters': `${root}/\uFF50rivate/diary.txt`,
    'a letter of another script': `${root}/priv\u0430te/diary.txt`,
    'a mark that combines': `${root}/private\u0301/diary.txt`,
    'a space without width': `${root}/private\u200B/diary.txt`,
    'a mark of direction': `${root}/\u202Eprivate/diary.txt`,
    'a byte order mark': `\uFEFF${secret}`,
    'a slash for division': `${root}/sub/..\u2215private\u2215diary.txt`,
    'half a character': `${root}/private\uD800/diary.txt`,
    'upper case': `${root}/PRIVATE/diary.txt`,
    'lower case of a rule': `${root}/kelvin/degrees.txt`,
    'a drive': `C:${backslashed}`,
    'a drive with slashes': `C:${secret}`,
    'a drive as a folder': `/c${secret}`,
    'a drive of another system': `/mnt/c${secret}`,
    backslashes: backslashed,
    'one backslash': `${root}/private\\diary.txt`,
    'a long path of Windows': `\\\\?\\C:${backslashed}`,
    'a share': `\\\\localhost\\C$${backslashed}`,
    'a short name': `${root}/PRIVAT~1/diary.txt`,
    'a dot behind a name': `${root}/private./diary.txt`,
    'a space behind a name': `${root}/private /diary.txt`,
    'a stream of a folder': `${root}/private::$INDEX_ALLOCATION/diary.txt`,
    'a stream of a file': `${secret}::$DATA`,
    'a space at the front': ` ${secret}`,
    'a line end behind it': `${secret}\n`,
    'a tab at the front': `\t${secret}`,
    quotes: `"${secret}"`,
    'single quotes': `'${secret}'`,
    'a star': `${root}/priv*/diary.txt`,
    'a list in braces': `${root}/{private,sub}/diary.txt`,
    'what a link leads to, as ls shows it': `${notes} -> ${secret}`,
    'a link that leads out': `${root}/link-out`,
    'a folder outside': `${root}/../outside`,
    nothing: '',
  };
  const read = (what: string, args: unknown, tool = 'read_text_file'): Attack => ({ what, tool, args });
  const raw = (what: string, text: string): Attack => ({ what, tool: 'read_text_file', args: {}, text });
  const fair = (what: string, tool: string, args: unknown): Attack => ({ what, tool, args, forTagged: true });
  const edits = [{ oldText: 'MARKER', newText: 'MARKER' }];
  return [
    ...Object.entries(spellings).map(([what, path]) => read(what, { path })),
    read('a list instead of a path', { path: [secret] }),
    read('an object instead of a path', { path: { path: secret } }),
    read('a number instead of a path', { path: 1 }),
    read('null instead of a path', { path: null }),
    read('no path', {}),
    read('no arguments', null),
    read('a list of arguments', [secret]),
    read('a path beside the path', { path: notes, file: secret }),
    read('a path in upper case beside the path', { path: notes, PATH: secret }),
    read('several paths beside the path', { path: notes, paths: [secret] }),
    read('a number as text', { path: secret, head: '1' }),
    raw('the path twice', `{"path":${JSON.stringify(notes)},"path":${JSON.stringify(secret)}}`),
    raw('the path twice, once escaped', `{"path":${JSON.stringify(notes)},"p\\u0061th":${JSON.stringify(secret)}}`),
    read('one of several from home', { paths: [notes, '~/private/diary.txt'] }, 'read_multiple_files'),
    read('one of several relative', { paths: ['private/diary.txt', notes] }, 'read_multiple_files'),
    read('one of several through a link that leads out', { paths: [notes, `${root}/link-out`] }, 'read_multiple_files'),
    read('a text instead of several', { paths: secret }, 'read_multiple_files'),
    read('a list in a list', { paths: [[secret]] }, 'read_multiple_files'),
    read('an object instead of several', { paths: { 0: secret } }, 'read_multiple_files'),
    read('a media file from home', { path: '~/private/diary.txt' }, 'read_media_file'),
    read('a listing of a relative folder', { path: 'private' }, 'list_directory'),
    read('a listing of home', { path: '~' }, 'list_directory'),
    read('a listing from home with sizes', { path: '~/private' }, 'list_directory_with_sizes'),
    read('a tree of home', { path: '~' }, 'directory_tree'),
    read('a tree of the working directory', { path: '.' }, 'directory_tree'),
    read('a search of home', { path: '~', pattern: '**/*.txt' }, 'search_files'),
    read('a search of the working directory', { path: '.', pattern: '**' }, 'search_files'),
    read('facts of a relative path', { path: 'private/diary.txt' }, 'get_file_info'),
    read('an edit from home', { path: '~/private/diary.txt', edits, dryRun: true }, 'edit_file'),
    read('an edit of a relative path', { path: 'private/diary.txt', edits }, 'edit_file'),
    read('a file written through a link that leads out', { path: `${root}/link-out`, content: 'x' }, 'write_file'),
    read('a folder made behind a link that leads out', { path: `${root}/link-out/x` }, 'create_directory'),
    read('a file written from home', { path: '~/private/diary.txt', content: 'x' }, 'write_file'),
    read('a move from home', { source: '~/private/diary.txt', destination: `${root}/stolen.txt` }, 'move_file'),
    read('a move to a relative path', { source: secret, destination: 'stolen.txt' }, 'move_file'),
    read('a move into the open', { source: secret, destination: `${root}/stolen.txt` }, 'move_file'),
    read('a move of the whole folder', { source: `${root}/private`, destination: `${root}/stolen` }, 'move_file'),
    read('a move of all folders', { source: root, destination: `${root}-stolen` }, 'move_file'),
    read('a tool with another case', { path: secret }, 'READ_TEXT_FILE'),
    read('a tool with a space', { path: secret }, 'read_text_file '),
    read('a tool of tomorrow', { path: secret }, 'read_file_as_markdown'),
    fair('the file by its path', 'read_text_file', { path: secret }),
    fair('its first line', 'read_text_file', { path: secret, head: 1 }),
    fair('the file as media', 'read_media_file', { path: secret }),
    fair('the file among others', 'read_multiple_files', { paths: [notes, secret] }),
    fair('its folder', 'list_directory', { path: `${root}/private` }),
    fair('all folders', 'directory_tree', { path: root }),
    fair('a search', 'search_files', { path: root, pattern: '**/*MARKER*' }),
    fair('an edit', 'edit_file', { path: secret, edits, dryRun: true }),
  ];
}
