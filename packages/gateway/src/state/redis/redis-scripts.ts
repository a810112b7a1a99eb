import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly text: string;
  /** The name under which the server keeps it. */
  readonly sha: string;
}

/** What the server answers to a compare-and-set: how it ended, and the record that stood in the way. */
export type SwapReply = readonly [outcome: 0 | 1 | 2, found?: string | null];

export const SWAPPED = 1;
export const OTHER_LIFE = 2;

/** Keys: the record, the life of all. Arguments: that life, the revision expected or "", what to write or "" to delete, milliseconds to live or "". */
export const SWAP: RedisScript = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {2} end
if ARGV[2] == '' then
  local found = redis.call('GET', KEYS[1])
  if found then return {0, found} end
elseif redis.call('GETRANGE', KEYS[1], 0, #ARGV[2]) ~= ARGV[2] .. '\\n' then
  return {0, redis.call('GET', KEYS[1])}
end
if ARGV[3] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[4] == '' then redis.call('SET', KEYS[1], ARGV[3])
else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return {1}`);

/**
 * The life that the records have now. Keys: the life of all. Arguments: the one that the asker knows or "", a name for a new one. A new one begins where there is
 * none, and where a gateway that knew nothing of those before has begun anew: the asker, who knows, counts on from its own.
 */
export const LIFE: RedisScript = script(`
local found = redis.call('GET', KEYS[1])
local known = tonumber(string.match(ARGV[1], '^%d+')) or 0
if found and (found == ARGV[1] or tonumber(string.match(found, '^%d+')) > known) then return found end
local life = string.format('%d:%s', known + 1, ARGV[2])
redis.call('SET', KEYS[1], life)
return life`);

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
