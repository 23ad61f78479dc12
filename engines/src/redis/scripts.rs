//! What takes more than one command, as scripts that Redis runs undisturbed. Each touches the one key that it is given.
//! Numbers of Lua are exact to 2^53: enough for microseconds since 1970, not for counters, which Redis adds itself.

use redis::Script;

#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) compare_and_set: Script,
    pub(super) compare_and_delete: Script,
    pub(super) add: Script,
    pub(super) take: Script,
    pub(super) lock: Script,
    pub(super) unlock: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let timed = |code: &str| Script::new(&[NOW, code].concat());
        Self {
            compare_and_set: Script::new(COMPARE_AND_SET),
            compare_and_delete: Script::new(COMPARE_AND_DELETE),
            add: Script::new(ADD),
            take: timed(TAKE),
            lock: timed(LOCK),
            unlock: timed(UNLOCK),
        }
    }
}

/// Microseconds since 1970 by the server's clock, and numbers as whole ones.
const NOW: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function whole(number) return string.format('%.0f', number) end
";

/// ARGV: whether something must be there, what, the new value, its time to live or nothing.
const COMPARE_AND_SET: &str = r"
local present = redis.call('GET', KEYS[1])
if ARGV[1] == '0' then
    if present then return 0 end
elseif present ~= ARGV[2] then
    return 0
end
if ARGV[4] == '' then
    redis.call('SET', KEYS[1], ARGV[3])
else
    redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
end
return 1
";

/// ARGV: what must be there.
const COMPARE_AND_DELETE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
";

/// ARGV: what is added, and the time to live of a counter that is not there yet or nothing.
const ADD: &str = r"
local new = redis.call('EXISTS', KEYS[1]) == 0
local added = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(added) == 'table' and added.err then
    if not string.find(added.err, 'overflow') then return added end
    local bound = '9223372036854775807'
    if string.sub(ARGV[1], 1, 1) == '-' then bound = '-9223372036854775808' end
    redis.call('SET', KEYS[1], bound, 'KEEPTTL')
end
if new and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])
";

/// The value is the time at which the bucket will be full again: what has expired is a full bucket.
/// ARGV: microseconds per token, tokens that it holds, tokens that are wanted.
/// Answers 1 and what is left, or 0 and how many microseconds to wait (-1: for ever).
const TAKE: &str = r"
local refill, capacity, tokens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local room = refill * capacity
local full = tonumber(redis.call('GET', KEYS[1]) or now)
full = math.min(math.max(full, now), now + room)
local wanted = full + refill * tokens
local over = wanted - now - room
if over > 0 then
    if tokens > capacity then return {0, '-1'} end
    return {0, whole(over)}
end
if wanted > now then
    redis.call('SET', KEYS[1], whole(wanted), 'PX', whole(math.ceil((wanted - now) / 1000)))
end
return {1, whole(math.floor((room - (wanted - now)) / refill))}
";

/// The value is the last token and the end of its lease. It never expires, so that tokens grow.
/// ARGV: microseconds that the lease lasts.
const LOCK: &str = r"
local token, lease_end = string.match(redis.call('GET', KEYS[1]) or '0 0', '^(%d+) (%d+)$')
if tonumber(lease_end) > now then return false end
token = whole(token + 1)
redis.call('SET', KEYS[1], token .. ' ' .. whole(now + ARGV[1]))
return token
";

/// ARGV: the token.
const UNLOCK: &str = r"
local token, lease_end = string.match(redis.call('GET', KEYS[1]) or '0 0', '^(%d+) (%d+)$')
if token ~= ARGV[1] or tonumber(lease_end) <= now then return 0 end
redis.call('SET', KEYS[1], token .. ' ' .. whole(now))
return 1
";
