import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly text: string;
  /** The name under which the server keeps it. */
  readonly sha: string;
}

/** What the server answers to a write: how it ended, and the number of this write, or the record that stood in the way. */
export type WriteReply = readonly [outcome: 0 | 1 | 2, told?: string | number | null];

export const WRITTEN = 1;
export const OTHER_LIFE = 2;

/** Where the records are those of another life, or of an earlier moment of this one, nothing is written. Keys 2 and 3: the life of all, the number of writes. Arguments 1 and 2: both, as they were seen last. */
const SAME_LIFE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] or tonumber(redis.call('GET', KEYS[3]) or '0') < tonumber(ARGV[2]) then return {2} end`;

/** Keys: the record, then those above. Arguments: those above, what to write, milliseconds to live or "". */
export const PUT: RedisScript = script(`${SAME_LIFE}
if ARGV[4] == '' then redis.call('SET', KEYS[1], ARGV[3])
else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return {1, redis.call('INCR', KEYS[3])}`);

/** Keys: as above. Arguments: those above, the revision expected or "", what to write or "" to delete, milliseconds to live or "". */
export const SWAP: RedisScript = script(`${SAME_LIFE}
local found = redis.call('GET', KEYS[1])
local life = found and string.match(found, '^(%d+)%.')
if life and life ~= string.match(ARGV[1], '^%d+') then found = false end
if ARGV[3] == '' then
  if found then return {0, found} end
elseif not found or string.sub(found, 1, #ARGV[3] + 1) ~= ARGV[3] .. '\\n' then
  return {0, found}
end
if ARGV[4] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[5] == '' then redis.call('SET', KEYS[1], ARGV[4])
else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5]) end
return {1, redis.call('INCR', KEYS[3])}`);

/** Keys: as above. Arguments: those above, milliseconds to live. Tells whether there was a record. */
export const EXPIRE: RedisScript = script(`${SAME_LIFE}
local life = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^(%d+)%.')
if life and life ~= string.match(ARGV[1], '^%d+') then return {1, 0} end
return {1, redis.call('PEXPIRE', KEYS[1], ARGV[3])}`);

/** Keys: the record, the number of writes. Answers how many there were, and the number of this write. */
export const DELETE: RedisScript = script(`
return {redis.call('DEL', KEYS[1]), redis.call('INCR', KEYS[2])}`);

/**
 * The life that the records have now, and the number of writes. Keys: both. Arguments: the life that the asker knows or "", a name for a new one, the number of writes it knows
 * of. A new life begins where there is none, where a gateway that knew nothing of those before has begun anew, and where there were more writes than the server knows of: the asker,
 * who knows, counts on from its own.
 */
export const LIFE: RedisScript = script(`
local found = redis.call('GET', KEYS[1])
local writes = tonumber(redis.call('GET', KEYS[2]) or '0')
local known = tonumber(string.match(ARGV[1], '^%d+')) or 0
local isSame = found == ARGV[1] and writes >= tonumber(ARGV[3])
if found and (isSame or tonumber(string.match(found, '^%d+')) > known) then return {found, writes} end
local life = string.format('%d:%s', known + 1, ARGV[2])
redis.call('SET', KEYS[1], life)
if writes < tonumber(ARGV[3]) then
  redis.call('SET', KEYS[2], ARGV[3])
  writes = tonumber(ARGV[3])
end
return {life, writes}`);

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
