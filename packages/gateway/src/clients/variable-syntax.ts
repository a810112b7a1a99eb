import { basename } from 'node:path';
import type { Draft } from './draft.ts';
import { isTree } from './tree.ts';

/** How a client's texts refer to variables. */
export interface VariableSyntax {
  /** `${env:NAME}`. */
  readonly env?: boolean;
  /** `${NAME}` and `${NAME:-otherwise}`. */
  readonly plain?: boolean;
  /** `$NAME`. */
  readonly dollar?: boolean;
  /** `${workspaceFolder}`, `${userHome}` and the like. */
  readonly places?: boolean;
}

/** What texts of a file may refer to. */
export interface VariableContext {
  readonly client: string;
  readonly syntax: VariableSyntax;
  /** The folder of the project that the file belongs to. */
  readonly project: string | undefined;
  /** What VS Code asks people for. */
  readonly inputs?: readonly unknown[];
}

const REFERENCE = /\$\{([^{}]*)\}|\$\{|\$([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * A text of a client's file as Lockgate writes it: variables as `${NAME}`, and what is none as `$${`, which stands for a plain `${`.
 */
export function translateVariables(text: string, context: VariableContext, draft: Draft): string {
  if (text.includes('$${')) draft.remarks.add('a text has "$${", which Lockgate takes for a plain "${": check it');
  return text.replace(REFERENCE, (reference, inner: string | undefined, bare: string | undefined) => {
    if (bare !== undefined) return context.syntax.dollar === true ? `\${${bare}}` : reference;
    const meant = inner === undefined ? undefined : meaningOf(inner, context, draft);
    if (meant !== undefined) return meant;
    draft.remarks.add(
      `"${shown(reference)}" is no variable in ${context.client} and is passed on as it stands: written "$${shown(reference)}" here`,
    );
    return `$${reference}`;
  });
}

/** Names of variables are shown; anything else between braces may be a part of a secret. */
function shown(reference: string): string {
  return /^\$\{[\w:.-]{1,64}\}$/.test(reference) ? reference : '$ and braces';
}

function meaningOf(inner: string, context: VariableContext, draft: Draft): string | undefined {
  const { env, plain, places } = context.syntax;
  const [, prefix, name = '', otherwise = ''] = /^(env:)?([A-Za-z_][A-Za-z0-9_]*)(:-.*)?$/s.exec(inner) ?? [];
  if (places === true) {
    const place = placeOf(inner, context, draft);
    if (place !== undefined) return place;
  }
  if (prefix !== undefined ? env : plain) if (name !== '') return `\${${name}${otherwise}}`;
  return undefined;
}

function placeOf(inner: string, context: VariableContext, draft: Draft): string | undefined {
  const { project, client } = context;
  const need = (variable: string, source: string, otherwise?: string): string => {
    draft.needs.push({ variable, source, otherwise });
    return otherwise === undefined ? `\${${variable}}` : `\${${variable}:-${otherwise}}`;
  };
  const [, kind = '', rest = ''] = /^(\w+|\/)(?::(.*))?$/s.exec(inner) ?? [];
  switch (kind) {
    case 'workspaceFolder':
    case 'workspaceRoot':
      return project !== undefined && rest === ''
        ? project
        : need('WORKSPACE_FOLDER', `the folder that is open in ${client}`);
    case 'workspaceFolderBasename':
      return project === undefined
        ? need('WORKSPACE_NAME', `the name of the folder that is open in ${client}`)
        : basename(project);
    case 'userHome':
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Lockgate's own variable
      return '${HOME}';
    case 'pathSeparator':
    case '/':
      return '/';
    case 'file':
      if (rest === '') return need('FILE', `the file that is open in ${client}`);
      return need(variableName(basename(rest), 'FILE'), `the content of the file ${rest}`);
    case 'input': {
      const input = context.inputs?.find((candidate) => isTree(candidate) && candidate.id === rest);
      const { description, default: preset, password } = isTree(input) ? input : {};
      const asked = typeof description === 'string' && description !== '' ? `: ${description}` : '';
      const otherwise = typeof preset === 'string' && password !== true && !/[{}]/.test(preset) ? preset : undefined;
      return need(variableName(rest, 'INPUT'), `${client} asks for it${asked}`, otherwise);
    }
    default:
      return OTHER_VALUES.test(kind)
        ? need(variableName(inner, 'VALUE'), `what ${client} has for "${shown(`\${${inner}}`)}"`)
        : undefined;
  }
}

/** What editors know of themselves and of the file that is open. */
const OTHER_VALUES =
  /^(config|command|cwd|execPath|extensionInstallFolder|lineNumber|selectedText|(relativeF|f)ile\w*)$/;

/** The name of a variable after that of something else: `gh-token` becomes `GH_TOKEN`. */
export function variableName(name: string, otherwise: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase();
  if (plain === '') return otherwise;
  return /^\d/.test(plain) ? `${otherwise}_${plain}` : plain;
}

/** The names of all variables that texts of Lockgate refer to, and whether each has a value for when it is not defined. */
export function referencedVariables(text: string): readonly { readonly name: string; readonly isOptional: boolean }[] {
  return [...text.matchAll(/\$\$\{|\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}/g)].flatMap(
    ([, name, otherwise]) => (name === undefined ? [] : [{ name, isOptional: otherwise !== undefined }]),
  );
}
