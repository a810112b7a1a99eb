import type { ModuleOutline } from '../../dialect.ts';

/** What of MCP takes two exports: one that lists, and one by which what is listed is used. */
const PAIRS: readonly (readonly [items: string, lists: string, uses: string])[] = [
  ['tools', 'list_tools', 'call_tool'],
  ['prompts', 'list_prompts', 'get_prompt'],
  ['resources', 'list_resources', 'read_resource'],
  ['resource templates', 'list_resource_templates', 'read_resource'],
];

/** What can be used without having been listed: a resource whose address a tool has told. */
const NEEDS_NO_LIST = 'read_resource';

/** What a plug-in of the second version has one half of only, in plain words: none of that can be used. */
export function halves({ exports }: ModuleOutline): readonly string[] {
  const given = new Set(exports.filter(({ kind }) => kind === 'function').map(({ name }) => name));
  return PAIRS.flatMap(([items, lists, uses]) => {
    if (given.has(lists) && !given.has(uses))
      return [`its ${items} are left out, because it exports "${lists}" and no "${uses}"; export both, or neither`];
    if (given.has(uses) && !given.has(lists) && uses !== NEEDS_NO_LIST)
      return [`its "${uses}" is never called, because it exports no "${lists}"; export both, or neither`];
    return [];
  });
}
