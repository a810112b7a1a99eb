import { readFile } from 'node:fs/promises';

/** What `lockgate new` starts from: a folder of `examples/`, whose files are written with another name in them. */
export interface Template {
  /** Below `examples/`. */
  readonly folder: string;
  /** What the guest is called in the folder. */
  readonly name: string;
  readonly files: readonly string[];
}

/** The text of each file of a template, by its path in the folder. */
export type TemplateTexts = Readonly<Record<string, string>>;

const helloIn = (folder: string, ...files: readonly string[]): Template => ({
  folder,
  name: 'hello',
  files: ['.gitignore', 'README.md', 'lockgate.json', ...files],
});

const hello = (folder: string, ...files: readonly string[]): Template => helloIn(`plugins/${folder}`, ...files);

export type PluginLanguage = 'assemblyscript' | 'rust' | 'go' | 'c' | 'zig';

/** By language, the one that needs least first. */
export const PLUGIN_TEMPLATES: Readonly<Record<PluginLanguage, Template>> = {
  assemblyscript: hello(
    'assemblyscript',
    'package.json',
    'assembly/hello.ts',
    'assembly/sdk.ts',
    'assembly/checked-tool.ts',
    'assembly/http.ts',
  ),
  rust: hello('rust', 'Cargo.toml', 'Cargo.lock', 'src/lib.rs', 'src/lockgate.rs'),
  go: hello('go', 'go.mod', 'plugin.go', 'lockgate.go'),
  c: hello('c', 'plugin.c', 'lockgate.h'),
  zig: hello('zig', 'plugin.zig', 'lockgate.zig'),
};

/** What a plugin is: one of Lockgate's own interface, or of another that it runs as well. */
export type PluginKind = 'plugin' | 'extism' | 'component';

/** The languages that there is a template in, by kind, the one that needs least first. */
export const PLUGIN_KINDS: Readonly<Record<PluginKind, Readonly<Partial<Record<PluginLanguage, Template>>>>> = {
  plugin: PLUGIN_TEMPLATES,
  extism: {
    assemblyscript: hello('extism', 'package.json', 'assembly/hello.ts'),
  },
  component: {
    rust: hello('component', 'Cargo.toml', 'Cargo.lock', 'src/lib.rs', 'wit/plugin.wit'),
  },
};

export type ServerLanguage = 'assemblyscript' | 'go' | 'rust';

/** Whole servers, by language, the one that needs least first. */
export const SERVER_TEMPLATES: Readonly<Record<ServerLanguage, Template>> = {
  assemblyscript: helloIn(
    'servers/hello-assemblyscript',
    'package.json',
    'assembly/hello.ts',
    'assembly/mcp.ts',
    'assembly/json.ts',
  ),
  go: helloIn('servers/hello-go', 'go.mod', 'main.go'),
  rust: helloIn('servers/hello-rust', 'Cargo.toml', 'Cargo.lock', 'src/main.rs'),
};

export const GUARD_TEMPLATE: Template = {
  folder: 'guards/assemblyscript',
  name: 'memory-guard',
  files: [
    '.gitignore',
    'README.md',
    'lockgate.json',
    'package.json',
    'memory.jsonl',
    'assembly/memory-guard.ts',
    'assembly/guard-sdk.ts',
    'assembly/sdk.ts',
  ],
};

/** Where the build puts the texts of all templates; beside this code, which is bundled then. */
const PACKED = new URL('./templates.json', import.meta.url);
const EXAMPLES = new URL('../../../../examples/', import.meta.url);

/** The files of a template as they stand in `examples/`: out of the package, or out of the repository where this is run from source. */
export async function readTemplate(template: Template): Promise<TemplateTexts> {
  if (import.meta.url.endsWith('.ts')) return await readExample(template);
  const packed: Record<string, TemplateTexts> = JSON.parse(await readFile(PACKED, 'utf8'));
  return packed[template.folder] ?? {};
}

/** The texts of all templates, by folder, as the build packs them. */
export async function readExamples(): Promise<Record<string, TemplateTexts>> {
  const templates: readonly Template[] = [
    ...Object.values(PLUGIN_KINDS).flatMap((kind) => Object.values(kind)),
    ...Object.values(SERVER_TEMPLATES),
    GUARD_TEMPLATE,
  ];
  const read = templates.map(async (template) => [template.folder, await readExample(template)] as const);
  return Object.fromEntries(await Promise.all(read));
}

async function readExample({ folder, files }: Template): Promise<TemplateTexts> {
  const read = files.map(async (file) => [file, await readFile(new URL(`${folder}/${file}`, EXAMPLES), 'utf8')]);
  return Object.fromEntries(await Promise.all(read));
}
