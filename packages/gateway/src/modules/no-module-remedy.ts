/** So much of a file tells what it is. */
const HEAD_BYTES = 256;

const PROGRAM = 'it is a program of an operating system: build it for WebAssembly';

/** What a file that cannot be read is instead, by how it begins, and what to do about it. */
const KINDS: readonly (readonly [begins: string | RegExp, remedy: string])[] = [
  [
    '\0asm\x0d\0\x01\0',
    'it is a component with what is not served here (of WASI 0.3 nothing is), too much of something, or damaged: build it for WASI 0.2, or download it again',
  ],
  [
    '\0asm',
    'it begins as WebAssembly does: it is damaged, cut off, or newer than what is known here; build or download it again',
  ],
  ['\x1f\x8b', 'it is compressed: unpack it first (gunzip)'],
  ['\x28\xb5\x2f\xfd', 'it is compressed: unpack it first (unzstd)'],
  ['PK\x03\x04', 'it is a ZIP archive: unpack it, and give the .wasm in it'],
  ['\x7fELF', PROGRAM],
  ['MZ', PROGRAM],
  ['\xcf\xfa\xed\xfe', PROGRAM],
  ['version https://git-lfs', 'it is a pointer of Git LFS: fetch the file it stands for (git lfs pull)'],
  [/^\s*<(?:!doctype|html|\?xml)/i, 'it is a web page, as servers send in the place of a file: download it again'],
  [/^\s*(?:;;[^\n]*\s*)*\((?:module|component)\b/, 'it is WebAssembly as text: translate it (wasm-tools parse)'],
];

/** What to do about a file that cannot be read as WebAssembly. */
export function noModuleRemedy(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return 'the file is empty: build or download it again';
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  const isSo = (begins: string | RegExp): boolean =>
    typeof begins === 'string' ? head.startsWith(begins) : begins.test(head);
  const [, remedy] = KINDS.find(([begins]) => isSo(begins)) ?? [];
  return remedy ?? 'give a WebAssembly module or a component (.wasm); a text file (.wat) is none';
}
