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

/** A gateway that was away while the server was started more often takes its records for lost. */
const MOST_RUNS = 100;

/** Where the records are those of another life, or of an earlier moment of this one, nothing is written. Keys 2 and 3: the life of all, the number of writes. Arguments 1 and 2: both, as they were seen last. */
const SAME_LIFE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] or tonumber(redis.call('GET', KEYS[3]) or '0') < tonumber(ARGV[2]) then return {2} end`;

/** Keys: records, then the two above. What they hold, null where there is none, and "" for what other programs keep there that is no text: it is there, and cannot be read. */
export const READ: RedisScript = script(`
local texts = redis.call('MGET', unpack(KEYS))
for at = 1, #KEYS - 2 do
  if not texts[at] and redis.call('EXISTS', KEYS[at]) == 1 then texts[at] = '' end
end
return texts`);

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
 * The life that the records have now, the number of writes, the asker's place among the runs of the server, and whether all have compared. Keys: life, number of writes, runs, and one that is
 * there until all have. Arguments: the life that the asker knows or "", a name for a new one, the number of writes it knows of, the run that it asks or "" where that is the one it knows, its place
 * among the runs or "", and how long the others may take, in milliseconds.
 *
 * A new life begins where there is none, where a gateway that knew nothing of those before has begun anew, and where there were more writes than the server knows of: the asker,
 * who knows, counts on from its own. Since others may have written meanwhile, it compares with the number at which each run began that came after its own; where its own is not
 * among them, that was lost.
 */
export const LIFE: RedisScript = script(`
local found = redis.call('GET', KEYS[1])
local writes = tonumber(redis.call('GET', KEYS[2]) or '0')
local seen = tonumber(ARGV[3])
local place = ARGV[5]
local isSame = found == ARGV[1] and writes >= seen
if ARGV[4] ~= '' then
  local runs = redis.call('GET', KEYS[3]) or ''
  local serial, id = string.match(runs, '(%d+):(%w+):%d+ $')
  if id ~= ARGV[4] then
    serial = string.format('%d', tonumber(serial or '0') + 1)
    runs = string.format('%s%s:%s:%d ', runs, serial, ARGV[4], writes)
    if select(2, string.gsub(runs, ' ', ' ')) > ${MOST_RUNS} then runs = string.gsub(runs, '^%S+ ', '') end
    redis.call('SET', KEYS[3], runs)
    if found then redis.call('SET', KEYS[4], '', 'PX', ARGV[6]) end
  end
  local isKnown = place == ''
  if not isKnown then
    for number, run, began in string.gmatch(runs, '(%d+):(%w+):(%d+) ') do
      if isKnown and tonumber(began) < seen then isSame = false end
      isKnown = isKnown or number .. ':' .. run == place
    end
  end
  isSame = isSame and isKnown
  place = serial .. ':' .. ARGV[4]
end
local settling = redis.call('EXISTS', KEYS[4])
local known = tonumber(string.match(ARGV[1], '^%d+')) or 0
if found and (isSame or tonumber(string.match(found, '^%d+')) > known) then return {found, writes, place, settling} end
local life = string.format('%d:%s', known + 1, ARGV[2])
redis.call('SET', KEYS[1], life)
if writes < seen then
  redis.call('SET', KEYS[2], ARGV[3])
  writes = seen
end
return {life, writes, place, settling}`);

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
