/** One call of a tool, and what of its answer is wanted. */
export interface TaskCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** As `execute` takes it; absent where there is nothing to leave out. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** Something a model is asked for. */
export interface Task {
  readonly title: string;
  /** What a model that searches looks for, and how many results it asks for. */
  readonly search: { readonly query: string; readonly limit: number };
  readonly calls: readonly TaskCall[];
  /** The same as one script. */
  readonly script: string;
  /** What is in what the model gets at the end, on whichever way. */
  readonly finds: RegExp;
}

/** Files that the tasks are about, by name. */
export function taskFiles(): Readonly<Record<string, string>> {
  const issues = Array.from({ length: 120 }, (_, n) => ({
    number: 1_000 + n,
    title: `${WORDS[n % WORDS.length]} fails when ${WORDS[(n * 7 + 3) % WORDS.length]} is ${n % 3 === 0 ? 'empty' : 'slow'}`,
    state: n % 4 === 0 ? 'open' : 'closed',
    user: {
      login: `user${n % 17}`,
      id: 9_000 + (n % 17),
      site_admin: false,
      url: `https://api.example.com/users/user${n % 17}`,
    },
    labels: n % 5 === 0 ? [{ name: 'bug', color: 'd73a4a' }] : [],
    comments: n % 9,
    created_at: `2026-03-${String(1 + (n % 28)).padStart(2, '0')}T10:00:00Z`,
    html_url: `https://example.com/o/r/issues/${1_000 + n}`,
    body: `Since the last version ${WORDS[n % WORDS.length]} stops. Steps: open it, wait, and look at the log, which says nothing of it.`,
  }));
  const notes = Array.from({ length: 12 }, (_, n) => [
    `note-${n}.md`,
    `# Note ${n}\n\n${'some words of it '.repeat(20 + n * 3)}\n`,
  ]);
  const sources = Array.from({ length: 60 }, (_, n) => [`part-${n}.${n % 3 === 0 ? 'ts' : 'css'}`, `// part ${n}\n`]);
  return Object.fromEntries([['issues.json', JSON.stringify(issues, null, 2)], ...notes, ...sources]);
}

/** What the memory server is told before the tasks begin. */
export const ENTITIES: readonly object[] = Array.from({ length: 60 }, (_, n) => ({
  name: `Person ${n}`,
  entityType: n % 3 === 0 ? 'customer' : 'colleague',
  observations: [
    `has worked on ${'abcdefgh'[n % 8]} for ${n % 11} years`,
    'prefers to be written to',
    `sits in room ${200 + n}`,
  ],
}));

const WORDS = [
  'the parser',
  'the cache',
  'an upload',
  'the login',
  'a search',
  'the export',
  'a webhook',
  'the importer',
];

/** The tasks, in a folder that has the files and is a git repository. */
export function tokenTasks(folder: string): readonly Task[] {
  const path = (name: string): string => `${folder}/${name}`;
  const notes = Array.from({ length: 12 }, (_, n) => path(`note-${n}.md`));
  return [
    {
      title: 'one sum (everything)',
      search: { query: 'add two numbers', limit: 1 },
      calls: [{ tool: 'everything__get-sum', arguments: { a: 2, b: 3 } }],
      script: `return api.call('everything__get-sum', { a: 2, b: 3 });`,
      finds: /\b5\b/,
    },
    {
      title: 'one short file (filesystem)',
      search: { query: 'read a text file', limit: 1 },
      calls: [{ tool: 'filesystem__read_text_file', arguments: { path: path('part-3.ts') } }],
      script: `return api.call('filesystem__read_text_file', { path: '${path('part-3.ts')}' });`,
      finds: /part 3/,
    },
    {
      title: 'titles of the open ones of 120 issues in a file (filesystem)',
      search: { query: 'read a text file', limit: 1 },
      calls: [
        {
          tool: 'filesystem__read_text_file',
          arguments: { path: path('issues.json') },
          answer: { query: "[?state=='open'].{number: number, title: title}", columns: true },
        },
      ],
      script: `const { content } = await api.call('filesystem__read_text_file', { path: '${path('issues.json')}' });
return JSON.parse(content).filter(({ state }) => state === 'open').map(({ number, title }) => [number, title]);`,
      finds: /1116/,
    },
    {
      title: 'the TypeScript files among 73 (filesystem)',
      search: { query: 'directory tree', limit: 1 },
      calls: [
        {
          tool: 'filesystem__directory_tree',
          arguments: { path: folder, excludePatterns: ['.git'] },
          answer: { query: "[?ends_with(name, '.ts')].name" },
        },
      ],
      script: `const { content } = await api.call('filesystem__directory_tree', { path: '${folder}', excludePatterns: ['.git'] });
return JSON.parse(content).map(({ name }) => name).filter((name) => name.endsWith('.ts'));`,
      finds: /part-57\.ts/,
    },
    {
      title: 'the customers in a graph of 60 people (memory)',
      search: { query: 'read the knowledge graph', limit: 1 },
      calls: [
        {
          tool: 'memory__read_graph',
          arguments: {},
          answer: { query: "entities[?entityType=='customer'].name" },
        },
      ],
      script: `const { entities } = await api.call('memory__read_graph');
return entities.filter(({ entityType }) => entityType === 'customer').map(({ name }) => name);`,
      finds: /Person 57/,
    },
    {
      title: 'who sits in which room (memory)',
      search: { query: 'read the knowledge graph', limit: 1 },
      calls: [
        {
          tool: 'memory__read_graph',
          arguments: {},
          answer: { fields: ['/entities/name', '/entities/observations'], columns: true },
        },
      ],
      script: `const { entities } = await api.call('memory__read_graph');
return entities.map(({ name, observations }) => [name, observations[2].slice(13)]);`,
      finds: /259/,
    },
    {
      title: 'subjects of the last 40 commits (git)',
      search: { query: 'commit log', limit: 1 },
      calls: [{ tool: 'git__git_log', arguments: { repo_path: folder, max_count: 40 } }],
      script: `const log = await api.call('git__git_log', { repo_path: '${folder}', max_count: 40 });
return String(log.result ?? log).match(/change \\d+ of the notes/g);`,
      finds: /change 39 of the notes/,
    },
    {
      title: 'words in each of twelve notes (filesystem, textkit)',
      search: { query: 'read a file, count words', limit: 4 },
      calls: notes.flatMap((note, n) => [
        { tool: 'filesystem__read_text_file', arguments: { path: note } },
        {
          tool: 'textkit__count_words',
          arguments: { text: taskFiles()[`note-${n}.md`] ?? '' },
          answer: { fields: ['/words'] },
        },
      ]),
      script: `return Promise.all(${JSON.stringify(notes)}.map(async (path) => {
  const { content } = await api.call('filesystem__read_text_file', { path });
  return (await api.call('textkit__count_words', { text: content })).words;
}));`,
      finds: /\b214\b/,
    },
  ];
}
