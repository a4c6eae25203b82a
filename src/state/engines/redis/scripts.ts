/**
 * The writes, as Lua scripts that Redis runs whole or not at all, on one key each so that a cluster
 * can run them. An entry is a string `version|json`: any client of Redis can read it.
 *
 * A version is the server's clock in microseconds, or the old version plus one when that is greater:
 * it grows with every write and, as far as the clock does, over deletes. Changes are published on a
 * channel of our own per key, in the same step; keyspace notifications need not be switched on.
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** ARGV[1] is the channel of the key; ttl: `k` keeps, `n` is none, else milliseconds. */
const helpers = `
local key, channel = KEYS[1], ARGV[1]
local function parse(old)
  if not old then return 0 end
  local version = string.match(old, '^(%d+)|')
  return version and tonumber(version)
end
local function next_version(before)
  local time = redis.call('TIME')
  return math.max(before + 1, time[1] * 1000000 + time[2])
end
local function write(version, text, ttl)
  local entry = string.format('%.0f', version) .. '|' .. text
  if ttl == 'n' then redis.call('SET', key, entry)
  elseif ttl == 'k' then redis.call('SET', key, entry, 'KEEPTTL')
  else redis.call('SET', key, entry, 'PX', ttl) end
  local at = ttl == 'n' and -1 or redis.call('PEXPIRETIME', key)
  redis.call('PUBLISH', channel, 's|' .. string.format('%.0f', at) .. '|' .. entry)
  return string.format('%.0f', version)
end
local function remove(version)
  redis.call('DEL', key)
  redis.call('PUBLISH', channel, 'd|' .. string.format('%.0f', version))
end
local old = redis.call('GET', key)
local before = parse(old)
if not before then return '!foreign' end
`;

const script = (body: string): Script => {
  const source = helpers + body;
  return { source, sha: createHash('sha1').update(source).digest('hex') };
};

/** ARGV: channel, text, ttl. The version. */
export const setScript: Script = script(`return write(next_version(before), ARGV[2], ARGV[3])`);

/** ARGV: channel. 1: there was one. */
export const deleteScript: Script = script(`
if not old then return '0' end
remove(before)
return '1'`);

/** ARGV: channel, by, ttl. The sum. Lua's numbers are doubles, exact within the safe integers. */
export const incrementScript: Script = script(`
local text = old and string.match(old, '|(.*)$') or '0'
if not string.match(text, '^-?%d+$') or #text > 17 then return '!type' end
local sum = tonumber(text) + tonumber(ARGV[2])
if sum > 9007199254740991 or sum < -9007199254740991 then return '!range' end
local shown = string.format('%.0f', sum)
write(next_version(before), shown, old and 'k' or ARGV[3])
return shown`);

/** ARGV: channel, version, `w` or `d`, text, ttl. The new version, 0 when it was another. */
export const compareScript: Script = script(`
if string.format('%.0f', before) ~= ARGV[2] then return '0' end
local version = next_version(before)
if ARGV[3] == 'w' then return write(version, ARGV[4], ARGV[5]) end
if old then remove(before) end
return string.format('%.0f', version)`);

/** ARGV: channel, ttl. 1: there is one. */
export const expireScript: Script = script(`
if not old then return '0' end
if ARGV[2] == 'n' then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ARGV[2]) end
local at = ARGV[2] == 'n' and -1 or redis.call('PEXPIRETIME', key)
redis.call('PUBLISH', channel, 'e|' .. string.format('%.0f', at) .. '|' .. string.format('%.0f', before))
return '1'`);
