// textkit: small text tools that language models are bad at doing in their heads.
import { definePlugin } from '../assemblyscript/assembly/sdk';
import { countWords } from './textkit/count-words';
import { slugify } from './textkit/slugify';
import { diffText } from './textkit/diff-text';
import { queryJson } from './textkit/query-json';
import { formatJson } from './textkit/format-json';
import { decodeBase64, encodeBase64 } from './textkit/base64';
import { hashText } from './textkit/hash-text';
import { tableToMarkdown } from './textkit/table-to-markdown';
import { convertCase } from './textkit/convert-case';
import { extractLinks } from './textkit/extract-links';

export { name, metadata, tools, configure, execute, healthy, compact_specs, malloc, free } from '../assemblyscript/assembly/sdk';

definePlugin(
  `{
    "name": "textkit",
    "version": "0.1.0",
    "abi_version": 1,
    "description": "Counts, compares, hashes, encodes, queries and converts text.",
    "license": "Apache-2.0",
    "capabilities": [],
    "credential_keys": [],
    "plain_text_keys": [],
    "optional_keys": [],
    "placeholders": {}
  }`,
  [
    countWords,
    slugify,
    diffText,
    queryJson,
    formatJson,
    encodeBase64,
    decodeBase64,
    hashText,
    tableToMarkdown,
    convertCase,
    extractLinks,
  ],
);
