import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, textOr } from '../../assemblyscript/assembly/checked-tool';
import { hexOf, utf8Of } from './bytes';
import { crc32, md5, sha1, sha256 } from './digests';

const definition = `{
  "name": "hash_text",
  "description": "Computes a digest of a text's UTF-8 bytes, in hexadecimal. MD5, SHA-1 and CRC-32 are for comparing with published sums, not for security.",
  "input_schema": {
    "type": "object",
    "properties": {
      "text": { "type": "string", "description": "The text to hash." },
      "algorithm": { "type": "string", "enum": ["sha256", "sha1", "md5", "crc32"], "description": "sha256 by default." }
    },
    "required": ["text"],
    "additionalProperties": false
  },
  "output_schema": {
    "type": "object",
    "properties": {
      "algorithm": { "type": "string" },
      "hex": { "type": "string" },
      "bytes": { "type": "integer", "description": "Length of the text in UTF-8." }
    },
    "required": ["algorithm", "hex", "bytes"]
  },
  "annotations": { "title": "Hash a text", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const hashText = new CheckedTool(
  Json.parse(definition),
  (args: Json): Result => {
    const message = utf8Of(args.at('text').text);
    const algorithm = textOr(args, 'algorithm', 'sha256');
    const reply = Json.object()
      .set('algorithm', Json.string(algorithm))
      .set('hex', Json.string(hexOf(digest(algorithm, message))))
      .set('bytes', Json.integer(message.length));
    return new Result(reply.stringify());
  },
  ['hex'],
);

function digest(algorithm: string, message: Uint8Array): Uint8Array {
  if (algorithm == 'md5') return md5(message);
  if (algorithm == 'sha1') return sha1(message);
  return algorithm == 'crc32' ? crc32(message) : sha256(message);
}
