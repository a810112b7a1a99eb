/** Functions that set an instance up; the first found is called once, before anything else. `_start` never is. */
const START_NAMES = ['_initialize', '_rt0_wasm_wasip1'] as const;

/** The name of an export that sets an instance up. Source: ABI.md §1, "Start-up". */
export type StartName = (typeof START_NAMES)[number];

/** How the absence of the memory is told. */
export const MISSING_MEMORY = 'the memory "memory" is missing';

/** How the absence of a function is told. */
export function missingFunction(name: string, signature: string): string {
  return `the function "${name}" ${signature} is missing`;
}

/** The first of the functions that set an instance up, by the given test. */
export function findStart(isFunction: (name: string) => boolean): StartName | undefined {
  return START_NAMES.find(isFunction);
}

/** The set-up function among an instance's exports, under the name that it has in a bound module. */
export function bindStart(exports: WebAssembly.Exports): { readonly start?: () => void } {
  const name = findStart((candidate) => typeof exports[candidate] === 'function');
  return name ? { start: exports[name] as () => void } : {};
}

/** Go's linker leaves this section in every module; nothing else does. */
const GO_SECTION = 'go:buildid';

/**
 * Why a module could never be started: a Go program built as a command has its runtime set up by `_start` alone, which runs
 * `main` and ends. Undefined where nothing is known to be in the way.
 */
export function startProblem(
  isFunction: (name: string) => boolean,
  customSections: readonly string[],
): string | undefined {
  if (!customSections.includes(GO_SECTION) || findStart(isFunction) !== undefined) return undefined;
  return "it is a Go program built without -buildmode=c-shared: Go's runtime is never set up, and every call would trap";
}
