import type { Attack } from './path-attacks.ts';

/** What the memory server under attack knows: one client with secrets in its facts and its relations, and what is open. */
export const GRAPH = [
  { type: 'entity', name: 'acme', entityType: 'client', observations: ['MARKER-FACT'] },
  { type: 'entity', name: 'acme-labs', entityType: 'client', observations: ['MARKER-LABS'] },
  { type: 'entity', name: 'weather', entityType: 'topic', observations: ['sunny'] },
  { type: 'relation', from: 'acme', to: 'weather', relationType: 'MARKER-FROM' },
  { type: 'relation', from: 'weather', to: 'acme', relationType: 'MARKER-TO' },
];

const secrecy = ['private:acme'];
const items = [
  { path: '/entities', rules: [{ match: { entityType: 'client' }, secrecy }] },
  {
    path: '/relations',
    rules: [
      { match: { from: 'acme*' }, secrecy },
      { match: { to: 'acme*' }, secrecy },
    ],
  },
];

/** Rules with a protected part of each tool and an open one behind it. */
export const RULES = [
  { tool: 'search_nodes', args: { query: '*acme*' }, operation: 'read', secrecy },
  { tool: 'search_nodes', operation: 'read', items },
  { tool: 'open_nodes', args: { '/names/0': 'acme*' }, operation: 'read', secrecy },
  { tool: 'open_nodes', args: { '/names/1': '*' }, operation: 'read', items },
  { tool: 'open_nodes', args: { '/names/0': '*' }, operation: 'read', items },
  { tool: 'read_graph', operation: 'read', items },
  { tool: 'create_entities', operation: 'write' },
  { tool: 'add_observations' },
];

/** Ways to the client's facts: other spellings, other types, other tools, and the open rules. */
export function labelAttacks(): readonly Attack[] {
  const search = (what: string, query: unknown, forTagged = false): Attack => ({
    what,
    tool: 'search_nodes',
    args: { query },
    forTagged,
  });
  const open = (what: string, names: unknown, forTagged = false): Attack => ({
    what,
    tool: 'open_nodes',
    args: { names },
    forTagged,
  });
  const call = (what: string, tool: string, args: unknown, forTagged = false): Attack => ({
    what,
    tool,
    args,
    forTagged,
  });
  const raw = (what: string, tool: string, text: string): Attack => ({ what, tool, args: {}, text });
  return [
    search('upper case', 'ACME'),
    search('mixed case', 'aCme'),
    search('a capital', 'Acme'),
    search('a capital inside', 'acMe-labs'),
    search('a space in front', ' ACME'),
    search('a space behind', 'ACME '),
    search('a tab', '\tACME'),
    search('a line end', 'ACME\n'),
    search('a hard space', '\u00A0ACME'),
    search('a byte order mark', '\uFEFFACME'),
    search('wide letters', '\uFF21\uFF23\uFF2D\uFF25'),
    search('a character that shows nothing', 'AC\u200BME'),
    search('a soft hyphen', 'AC\u00ADME'),
    search('a mark of direction', '\u202EACME'),
    search('a control character', 'AC\u0000ME'),
    search('a list', ['acme']),
    search('a list of lists', [['acme']]),
    search('an object', { a: 1 }),
    search('an object with the text', { query: 'acme' }),
    search('an object like a text', { toString: 'acme', length: 4 }),
    search('a number', 1),
    search('zero', 0),
    search('true', true),
    search('false', false),
    search('null', null),
    call('no query', 'search_nodes', {}),
    call('no arguments', 'search_nodes', null),
    call('a list of arguments', 'search_nodes', ['acme']),
    call('a text of arguments', 'search_nodes', 'acme'),
    call('the name in upper case', 'search_nodes', { Query: 'acme' }),
    call('the name with a space', 'search_nodes', { 'query ': 'acme' }),
    call('another name beside it', 'search_nodes', { query: 'sunny', Query: 'acme' }, true),
    raw('the query twice', 'search_nodes', '{"query":"sunny","query":"acme"}'),
    raw('the query twice, once escaped', 'search_nodes', '{"query":"sunny","q\\u0075ery":"acme"}'),
    raw('the query after a key that engines mix up', 'search_nodes', '{"q\\u0000":1,"q\\u0075ery":["acme"]}'),
    search('the text by its own rule', 'acme', true),
    search('a part of the text', 'cme', true),
    search('one letter', 'a', true),
    search('nothing', '', true),
    search('what is secret itself', 'marker', true),
    search('the type', 'client', true),
    search('what is related', 'weather', true),
    open('a name by its own rule', ['acme'], true),
    open('a name in upper case', ['ACME']),
    open('a name with a space', [' acme']),
    open('a name behind another', ['weather', 'acme'], true),
    open('a name behind one in upper case', ['Acme', 'acme']),
    open('a name behind two others', ['weather', 'x', 'acme'], true),
    open('a name behind nothing', ['', 'acme'], true),
    open('what is related', ['weather'], true),
    open('a text', 'acme'),
    open('an object', { 0: 'acme' }),
    open('an object with a length', { 0: 'acme', length: 1 }),
    open('a list in a list', [['acme']]),
    open('an object in a list', [{ name: 'acme' }]),
    open('null before the name', [null, 'acme']),
    open('a number before the name', [1, 'acme']),
    open('true', true),
    open('null', null),
    open('no names', []),
    call('no list of names', 'open_nodes', {}),
    call('names in upper case', 'open_nodes', { NAMES: ['acme'] }),
    raw('names twice', 'open_nodes', '{"names":["weather"],"names":["acme"]}'),
    call('everything', 'read_graph', {}, true),
    call('everything, with an argument', 'read_graph', { names: ['acme'] }, true),
    call('everything, with a list', 'read_graph', [], false),
    call('a tool in upper case', 'READ_GRAPH', {}),
    call('a tool with a space', 'read_graph ', {}),
    call('a tool that no rule names', 'delete_entities', { entityNames: ['nobody'] }),
    call('a name that is there already', 'create_entities', {
      entities: [{ name: 'acme', entityType: 'x', observations: [] }],
    }),
    call('a fact of nobody', 'add_observations', { observations: [{ entityName: 'nobody', contents: ['x'] }] }),
    call('a fact of the client', 'add_observations', { observations: [{ entityName: 'acme', contents: ['x'] }] }),
  ];
}
