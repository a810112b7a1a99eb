import * as nodeFs from 'node:fs';

/** The part of node:fs that the cache uses; tests put a faulty one in its place. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'accessSync'
  | 'closeSync'
  | 'constants'
  | 'existsSync'
  | 'fstatSync'
  | 'futimesSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readSync'
  | 'realpathSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeFileSync'
> & { readonly promises: Pick<typeof nodeFs.promises, 'open' | 'rename' | 'unlink'> };

/** The file system of this machine. */
export const realFileSystem: FileSystem = nodeFs;
